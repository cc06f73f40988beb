// crt/pid1/link.c: interfaces, by netlink.
//
// A message is a header, a body that depends on its kind, and attributes, each a length, a kind and a value:
//
//	| nlmsghdr | ifinfomsg, ifaddrmsg or rtmsg | rtattr value | rtattr value | ...
//
// The kernel answers with messages of the same form and ends with one of kind NLMSG_DONE or NLMSG_ERROR, of which the error 0
// means that all is well. [netlink(7)]
#include "crt/pid1/link.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "arch/sys.h"
#include "crt/mem.h"
#include "crt/str.h"

#define ANSWER_BYTES 32768 // a dump comes in pieces of at most this [Linux net/netlink/af_netlink.c, netlink_dump]

// Flags of an interface. [netdevice(7); UAPI's linux/if.h wants a C library]
enum { UP = 1, BROADCAST = 2, LOOPBACK = 8, POINT_TO_POINT = 16 };

// A request while it is put together.
struct request {
	struct nlmsghdr head;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
		struct rtmsg route;
		uint8_t room[256];
	} body;
};

static void add(struct request *request, uint16_t kind, const void *value, uint16_t len)
{
	struct rtattr attribute = {.rta_len = (uint16_t)(sizeof(attribute) + len), .rta_type = kind};
	uint8_t *at = (uint8_t *)request + NLMSG_ALIGN(request->head.nlmsg_len);
	memcpy(at, &attribute, sizeof(attribute));
	memcpy(at + sizeof(attribute), value, len);
	request->head.nlmsg_len = NLMSG_ALIGN(request->head.nlmsg_len) + (uint32_t)RTA_ALIGN(attribute.rta_len);
}

static struct request begin(uint16_t kind, uint16_t flags, size_t body_bytes)
{
	return (struct request){.head = {
					.nlmsg_len = (uint32_t)(sizeof(struct nlmsghdr) + body_bytes),
					.nlmsg_type = kind,
					.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags),
				}};
}

// Whether this message tells of the interface that is looked for, and if so all about it.
static bool is_link(const struct nlmsghdr *message, struct str wanted, struct link *link)
{
	const struct ifinfomsg *body = (const struct ifinfomsg *)(message + 1);
	if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < sizeof(*message) + sizeof(*body))
		return false;
	*link = (struct link){.number = body->ifi_index};
	const uint8_t *end = (const uint8_t *)message + message->nlmsg_len;
	for (const uint8_t *at = (const uint8_t *)(body + 1); at + sizeof(struct rtattr) <= end;) {
		const struct rtattr *attribute = (const struct rtattr *)at;
		if (attribute->rta_len < sizeof(*attribute) || attribute->rta_len > end - at)
			return false;
		size_t len = attribute->rta_len - sizeof(*attribute);
		if (attribute->rta_type == IFLA_IFNAME && len <= sizeof(link->name))
			memcpy(link->name, attribute + 1, len);
		if (attribute->rta_type == IFLA_ADDRESS && len == sizeof(link->hardware))
			memcpy(link->hardware, attribute + 1, len);
		at += RTA_ALIGN(attribute->rta_len);
	}
	if (wanted.len > 0)
		return str_equal(str_from_cstr(link->name), wanted);
	// What the kernel would take: no tunnel's end that leads nowhere yet. [Linux net/ipv4/ipconfig.c, ic_is_init_dev]
	return (body->ifi_flags & LOOPBACK) == 0 && (body->ifi_flags & (BROADCAST | POINT_TO_POINT)) != 0;
}

// Asks, and reads the answers to their end. `link`, if not null, becomes the first that is_link. Zero or -errno; -ENODEV where
// one was wanted and there is none.
static int ask(const struct request *request, struct str wanted, struct link *link)
{
	static uint8_t answer[ANSWER_BYTES] __attribute__((aligned(8)));
	int fd = sys_socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return fd;
	bool is_found = false, is_over = false;
	long error = sys_write(fd, request, request->head.nlmsg_len);
	while (error >= 0 && !is_over) {
		long len = error = sys_read(fd, answer, sizeof(answer));
		for (long at = 0; len - at >= (long)sizeof(struct nlmsghdr) && !is_over;) {
			const struct nlmsghdr *message = (const struct nlmsghdr *)(answer + at);
			if (message->nlmsg_len < sizeof(*message) || message->nlmsg_len > len - at)
				break;
			is_over = message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR;
			if (message->nlmsg_type == NLMSG_ERROR)
				error = ((const struct nlmsgerr *)(message + 1))->error;
			struct link other;
			if (link != nullptr && !is_found && is_link(message, wanted, &other)) {
				*link = other;
				is_found = true;
			}
			at += NLMSG_ALIGN(message->nlmsg_len);
		}
	}
	(void)sys_close(fd);
	if (error < 0)
		return (int)error;
	return link != nullptr && !is_found ? -ENODEV : 0;
}

int link_find(struct str name, struct link *link)
{
	struct request request = begin(RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
	return ask(&request, name, link);
}

static int send(const struct request *request)
{
	return ask(request, (struct str){0}, nullptr);
}

int link_up(const struct link *link)
{
	struct request request = begin(RTM_NEWLINK, 0, sizeof(struct ifinfomsg));
	request.body.link = (struct ifinfomsg){.ifi_index = link->number, .ifi_flags = UP, .ifi_change = UP};
	return send(&request);
}

static uint8_t family_of(const struct ip_address *address)
{
	return address->len == 16 ? AF_INET6 : AF_INET;
}

static int change_address(uint16_t kind, uint16_t flags, const struct link *link, const struct ip_address *address,
			  unsigned prefix)
{
	struct request request = begin(kind, flags, sizeof(struct ifaddrmsg));
	request.body.address = (struct ifaddrmsg){
		.ifa_family = family_of(address),
		.ifa_prefixlen = (uint8_t)prefix,
		// IPv6 would ask the network for a second or two whether somebody has it, and until then nobody could bind to it.
		// Who wrote it on the command line knows. [RFC 4862 §5.4, DupAddrDetectTransmits 0]
		.ifa_flags = address->len == 16 ? IFA_F_NODAD : 0,
		.ifa_index = (uint32_t)link->number,
	};
	add(&request, IFA_LOCAL, address->bytes, address->len);
	add(&request, IFA_ADDRESS, address->bytes, address->len);
	if (address->len == 4 && prefix < 31) { // of two or one there is nobody else [RFC 3021]
		uint8_t broadcast[4];
		for (unsigned i = 0; i < 4; i++)
			broadcast[i] =
				(uint8_t)(address->bytes[i] |
					  (prefix >= 8 * i + 8 ? 0u : 0xffu >> (prefix > 8 * i ? prefix - 8 * i : 0)));
		add(&request, IFA_BROADCAST, broadcast, sizeof(broadcast));
	}
	return send(&request);
}

int link_add_address(const struct link *link, const struct ip_address *address, unsigned prefix)
{
	return change_address(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, link, address, prefix);
}

int link_drop_address(const struct link *link, const struct ip_address *address, unsigned prefix)
{
	return change_address(RTM_DELADDR, 0, link, address, prefix);
}

int link_set_gateway(const struct link *link, const struct ip_address *gateway)
{
	struct request request = begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, sizeof(struct rtmsg));
	request.body.route = (struct rtmsg){
		.rtm_family = family_of(gateway),
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_type = RTN_UNICAST,
	};
	add(&request, RTA_GATEWAY, gateway->bytes, gateway->len);
	add(&request, RTA_OIF, &link->number, sizeof(link->number));
	return send(&request);
}
