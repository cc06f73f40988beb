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
#define MESSAGES_MAX 16 // at a time: whoever floods us does not keep us from everything else

static int64_t now_ms(void)
{
	return clock_monotonic_ns() / NS_PER_MS;
}

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
static int open_etc(const char *path, bool *is_ours)
{
	(void)sys_mkdirat(AT_FDCWD, "/etc", 0755);
	int how = *is_ours ? O_TRUNC : O_EXCL;
	int fd = sys_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0644);
	if (fd < 0 && fd != -EEXIST)
		say_error(fd, STR("pid1: cannot write "), str_from_cstr(path));
	*is_ours = fd >= 0;
	return fd;
}

static void close_etc(struct out *out)
{
	long error = out_flush(out);
	if (out->fd < 0)
		return;
	if (error != 0)
		say_error(error, STR("pid1: cannot write in /etc"));
	(void)sys_close(out->fd);
}

static struct ip_address v4(const uint8_t bytes[4])
{
	struct ip_address address = {.len = (bytes[0] | bytes[1] | bytes[2] | bytes[3]) != 0 ? 4 : 0};
	memcpy(address.bytes, bytes, 4);
	return address;
}

static void write_names(struct net *net)
{
	static const struct dhcp_lease none;
	const struct dhcp_lease *lease = net->address.len > 0 ? &net->dhcp.lease : &none;
	uint8_t buffer[256];
	struct str host = net->host.len > 0 ? net->host : str_from_cstr(lease->host);
	if (host.len == 0)
		host = STR("ringlet");
	int error = sys_sethostname(host.ptr, host.len);
	if (error != 0)
		say_error(error, STR("pid1: cannot name the host "), host);

	struct out out = out_to_fd(open_etc("/etc/hosts", &net->wrote_hosts), SPAN(buffer));
	out_str(&out, STR("127.0.0.1 localhost\n::1 localhost\n127.0.1.1 "));
	out_str(&out, host);
	out_byte(&out, '\n');
	close_etc(&out);

	struct ip_address servers[2];
	for (unsigned i = 0; i < 2; i++)
		servers[i] = net->servers[i].len > 0 ? net->servers[i] : v4(lease->names[i]);
	if (servers[0].len + servers[1].len == 0)
		return;
	out = out_to_fd(open_etc("/etc/resolv.conf", &net->wrote_servers), SPAN(buffer));
	if (lease->domain[0] != '\0') {
		out_str(&out, STR("search "));
		out_str(&out, str_from_cstr(lease->domain));
		out_byte(&out, '\n');
	}
	for (unsigned i = 0; i < 2; i++) {
		if (servers[i].len == 0)
			continue;
		out_str(&out, STR("nameserver "));
		write_address(&out, &servers[i]);
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

// The address that a lease gave is not ours any more: nothing may use it from here on.
static void drop_address(struct net *net, struct str why)
{
	if (net->address.len == 0)
		return;
	say(why);
	int error = link_drop_address(&net->link, &net->address, net->prefix);
	if (error != 0)
		say_error(error, STR("pid1: cannot take the address away"));
	net->address.len = 0;
}

static void send_due(struct net *net)
{
	uint8_t message[DHCP_BYTES_MAX], server[4];
	size_t len = dhcp_send(&net->dhcp, now_ms(), message, server);
	if (net->dhcp.state < DHCP_BOUND)
		drop_address(net, STR("pid1: the lease of the network's address has ended, and no server renewed it"));
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
	bool is_same = net->address.len > 0 && net->prefix == lease->prefix &&
		       memcmp(net->address.bytes, address.bytes, 4) == 0;
	if (!is_same)
		drop_address(net, STR("pid1: the server has given another address to the network"));
	set_up(&net->link, &address, lease->prefix, &gateway);
	if (is_same)
		return; // renewed; the names stay as they were
	net->address = address;
	net->prefix = lease->prefix;
	write_names(net);
}

static void receive(struct net *net, struct str message)
{
	if (dhcp_receive(&net->dhcp, now_ms(), message))
		take_lease(net);
	else if (net->dhcp.state < DHCP_BOUND)
		drop_address(net, STR("pid1: a server has taken the network's address back"));
}

void net_tick(struct net *net)
{
	char message[1500];
	for (unsigned i = 0; i < MESSAGES_MAX; i++) {
		long len = sys_read(net->fd, message, sizeof(message));
		if (len <= 0)
			break;
		receive(net, (struct str){message, (size_t)len});
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
	// The last 4 of the kernel's 16 random bytes. The first 8 are the stack protector's, and this goes over the network.
	uint32_t chance;
	memcpy(&chance, (const uint8_t *)process_aux(AT_RANDOM) + 12, sizeof(chance));
	net->link = *link;
	net->dhcp = dhcp_open(link->hardware, chance, now_ms());
	int64_t end = now_ms() + NET_WAIT_MS;
	while (net->address.len == 0 && now_ms() < end) {
		net_tick(net);
		int64_t ms = net->address.len > 0 ? 0 : net_due_ms(net);
		ms = ms < end - now_ms() ? ms : end - now_ms();
		struct __kernel_timespec patience = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS};
		struct pollfd answer = {.fd = net->fd, .events = POLLIN};
		if (ms > 0 && sys_ppoll(&answer, 1, &patience, nullptr) < 0)
			break;
	}
	if (net->address.len == 0)
		say(STR("pid1: no DHCP server has answered yet; the program starts without an address"));
}

// One wish of the command line.
static void grant(struct net *net, const struct ip_wish *wish)
{
	if (wish->host.len > 0)
		net->host = wish->host;
	for (unsigned i = 0; i < 2; i++) {
		if (wish->names[i].len > 0)
			net->servers[i] = wish->names[i];
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
	else
		say(STR("pid1: only one interface asks for its address by DHCP, and not "), str_from_cstr(link.name));
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

	struct str line = str_from_cstr(command_line);
	for (struct word word; word_next(&line, &word);) {
		if (!str_equal(word.name, STR("ip")))
			continue;
		struct ip_wish wish;
		if (ip_wish_parse(word.value, &wish))
			grant(net, &wish);
		else
			say(STR("pid1: cannot read 'ip="), word.value, STR("' (see the kernel's nfsroot.rst)"));
	}
	write_names(net);
}
