// crt/pid1/net.c: from wishes to a network.
#include "crt/pid1/net.h"

#include <linux/auxvec.h>

#include "arch/sys.h"
#include "crt/clock.h"
#include "crt/mem.h"
#include "crt/out.h"
#include "crt/pid1/ip.h"
#include "crt/pid1/words.h"
#include "crt/process.h"
#include "crt/say.h"
#include "crt/str.h"

#define NET_WAIT_MS 12000 // two tries of DHCP
#define NS_PER_MS 1000000
#define PORT_SERVER 67 // [RFC 2131 §4.1]
#define PORT_CLIENT 68

static int64_t now_ms(void)
{
	return clock_monotonic_ns() / NS_PER_MS;
}

// What several wishes, or a lease, say about names.
struct names {
	struct str host;
	struct str domain;
	struct ip_address servers[2];
};

static void write_address(struct out *out, const struct ip_address *address)
{
	if (address->len == 4) {
		for (unsigned i = 0; i < 4; i++) {
			if (i > 0)
				out_byte(out, '.');
			out_unsigned(out, address->bytes[i]);
		}
		return;
	}
	for (unsigned i = 0; i < 16; i += 2) { // all eight groups: longer than need be, and right
		if (i > 0)
			out_byte(out, ':');
		out_hex(out, (uint64_t)address->bytes[i] << 8 | address->bytes[i + 1], 1);
	}
}

// Opens a file of /etc to write it anew. One that belongs to the image stays: who made the image knew better. A negative result
// makes an out that drops all.
static int open_etc(const char *path)
{
	(void)sys_mkdirat(AT_FDCWD, "/etc", 0755);
	return sys_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
}

static void close_etc(struct out *out)
{
	long error = out_flush(out);
	if (error != 0 && error != -EBADF)
		say_error(error, STR("pid1: cannot write in /etc"));
	if (out->fd >= 0)
		(void)sys_close(out->fd);
}

static void write_names(const struct names *names)
{
	uint8_t buffer[256];
	struct str host = names->host.len > 0 ? names->host : STR("ringlet");
	int error = sys_sethostname(host.ptr, host.len);
	if (error != 0)
		say_error(error, STR("pid1: cannot name the host "), host);

	struct out out = out_to_fd(open_etc("/etc/hosts"), SPAN(buffer));
	out_str(&out, STR("127.0.0.1 localhost\n::1 localhost\n127.0.1.1 "));
	out_str(&out, host);
	out_byte(&out, '\n');
	close_etc(&out);

	if (names->servers[0].len == 0)
		return;
	out = out_to_fd(open_etc("/etc/resolv.conf"), SPAN(buffer));
	if (names->domain.len > 0) {
		out_str(&out, STR("search "));
		out_str(&out, names->domain);
		out_byte(&out, '\n');
	}
	for (unsigned i = 0; i < 2 && names->servers[i].len > 0; i++) {
		out_str(&out, STR("nameserver "));
		write_address(&out, &names->servers[i]);
		out_byte(&out, '\n');
	}
	close_etc(&out);
}

static void set_up(const struct link *link, const struct ip_address *address, unsigned prefix,
		   const struct ip_address *gateway)
{
	int error = link_add_address(link, address, prefix);
	if (error == 0 && gateway->len > 0)
		error = link_set_gateway(link, gateway);
	if (error != 0)
		say_error(error, STR("pid1: cannot set the address of the network"));
}

static struct ip_address v4(const uint8_t bytes[4])
{
	struct ip_address address = {.len = (bytes[0] | bytes[1] | bytes[2] | bytes[3]) != 0 ? 4 : 0};
	memcpy(address.bytes, bytes, 4);
	return address;
}

// A socket on the interface that has no address yet. The answers come to everybody, so UDP hears them.
static int open_dhcp(const struct link *link)
{
	int fd = sys_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fd;
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = __builtin_bswap16(PORT_CLIENT)};
	int error = sys_setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, link->name, sizeof(link->name));
	if (error == 0)
		error = sys_setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &(int){1}, sizeof(int));
	if (error == 0)
		error = sys_bind(fd, &here, sizeof(here));
	if (error == 0)
		return fd;
	(void)sys_close(fd);
	return error;
}

static void send_due(struct net *net)
{
	uint8_t message[DHCP_BYTES_MAX], server[4];
	size_t len = dhcp_send(&net->dhcp, now_ms(), message, server);
	if (net->has_lease && net->dhcp.state == DHCP_SEEKING) {
		net->has_lease = false;
		say(STR("pid1: the lease of the network's address has ended, and no server renewed it"));
		struct ip_address address = v4(net->dhcp.lease.address);
		int error = link_drop_address(&net->link, &address, net->dhcp.lease.prefix);
		if (error != 0)
			say_error(error, STR("pid1: cannot take the address away"));
	}
	struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = __builtin_bswap16(PORT_SERVER)};
	memcpy(&there.sin_addr, server, 4);
	if (v4(server).len == 0)
		memset(&there.sin_addr, 0xff, 4);                          // everybody
	(void)sys_sendto(net->fd, message, len, 0, &there, sizeof(there)); // one that is lost is sent again
}

static void take_lease(struct net *net)
{
	const struct dhcp_lease *lease = &net->dhcp.lease;
	struct ip_address address = v4(lease->address), gateway = v4(lease->gateway);
	set_up(&net->link, &address, lease->prefix, &gateway);
	if (net->has_lease)
		return; // renewed; the names stay as they were
	net->has_lease = true;
	struct names names = {
		.host = str_from_cstr(lease->host),
		.domain = str_from_cstr(lease->domain),
		.servers = {v4(lease->names[0]), v4(lease->names[1])},
	};
	write_names(&names);
}

void net_tick(struct net *net)
{
	char message[1500];
	for (long len; (len = sys_read(net->fd, message, sizeof(message))) > 0;) {
		if (dhcp_receive(&net->dhcp, now_ms(), (struct str){message, (size_t)len}))
			take_lease(net);
	}
	if (now_ms() >= net->dhcp.due_ms)
		send_due(net);
}

int net_due_ms(const struct net *net)
{
	if (net->fd < 0)
		return -1;
	int64_t left = net->dhcp.due_ms - now_ms();
	return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

static void ask(struct net *net, const struct link *link)
{
	net->fd = open_dhcp(link);
	if (net->fd < 0) {
		say_error(net->fd, STR("pid1: cannot ask for an address by DHCP"));
		net->fd = -1;
		return;
	}
	uint32_t chance;
	memcpy(&chance, (const void *)process_aux(AT_RANDOM), sizeof(chance));
	net->link = *link;
	net->dhcp = dhcp_open(link->hardware, chance, now_ms());
	int64_t end = now_ms() + NET_WAIT_MS;
	while (!net->has_lease && now_ms() < end) {
		net_tick(net);
		int64_t ms = net->has_lease ? 0 : net_due_ms(net);
		ms = ms < end - now_ms() ? ms : end - now_ms();
		struct __kernel_timespec patience = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS};
		struct pollfd answer = {.fd = net->fd, .events = POLLIN};
		if (ms > 0 && sys_ppoll(&answer, 1, &patience, nullptr) < 0)
			break;
	}
	if (!net->has_lease)
		say(STR("pid1: no DHCP server has answered yet; the program starts without an address"));
}

// One wish of the command line.
static void grant(struct net *net, const struct ip_wish *wish, struct names *names)
{
	if (wish->host.len > 0)
		names->host = wish->host;
	for (unsigned i = 0; i < 2; i++) {
		if (wish->names[i].len > 0)
			names->servers[i] = wish->names[i];
	}
	if (wish->address.len == 0 && !wish->asks)
		return;
	struct link link;
	int error = link_find(wish->interface, &link);
	if (error == 0)
		error = link_up(&link);
	if (error != 0) {
		say_error(error, STR("pid1: there is no network interface "), wish->interface);
		return;
	}
	if (wish->address.len > 0)
		set_up(&link, &wish->address, wish->prefix, &wish->gateway);
	else if (net->fd < 0)
		ask(net, &link);
}

void net_open(struct net *net, const char *command_line)
{
	*net = (struct net){.fd = -1};
	struct link link;
	int error = link_find(STR("lo"), &link);
	if (error == 0)
		error = link_up(&link);
	if (error != 0)
		say_error(error, STR("pid1: there is no loopback"));
	// Up in any case, so that IPv6 finds itself an address there. There may be none.
	if (link_find((struct str){0}, &link) == 0 && (error = link_up(&link)) != 0)
		say_error(error, STR("pid1: cannot switch on the network interface "), str_from_cstr(link.name));

	struct names names = {0};
	struct str line = str_from_cstr(command_line);
	for (struct word word; word_next(&line, &word);) {
		if (!str_equal(word.name, STR("ip")))
			continue;
		struct ip_wish wish;
		if (ip_wish_parse(word.value, &wish))
			grant(net, &wish, &names);
		else
			say(STR("pid1: cannot read 'ip="), word.value, STR("' (see the kernel's nfsroot.rst)"));
	}
	if (!net->has_lease || names.host.len > 0)
		write_names(&names);
}
