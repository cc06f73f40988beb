// crt/pid1/dhcp.h: the messages of DHCP, as bytes, and what a client does when. [RFC 2131, RFC 2132]
//
//	            no lease                    asked for one            leased
//	           DHCP_SEEKING --- OFFER ---> DHCP_ASKING --- ACK ---> DHCP_BOUND ---- T1 ---> DHCP_RENEWING
//	                 ^                        | NAK                                             | T2
//	                 +------------------------+<------ the end of the lease ----------- DHCP_REBINDING
//
// It knows no socket and no clock: it is told what came and what time it is, and says what is to be sent and when to ask again.
// Whatever a server sends, nothing outside the given bytes is read.
//
// What a client may leave out is left out: to ask the network whether the address is somebody's already, by ARP, which costs a
// second of every start, and so to decline it; to give it back at the end; to wait some seconds before the first message.
// [RFC 2131 §4.4.1, §4.4.6: SHOULD, MAY]
#pragma once

#include <stdint.h>

#include "arch/span.h"

enum dhcp_state { DHCP_SEEKING, DHCP_ASKING, DHCP_BOUND, DHCP_RENEWING, DHCP_REBINDING };

// What a server grants. Addresses are IPv4, in the order of the network.
struct dhcp_lease {
	uint8_t address[4];
	uint8_t server[4];
	uint8_t gateway[4]; // zeros: none
	uint8_t names[2][4];
	unsigned prefix;
	unsigned lease_s, renew_s, rebind_s; // seconds from the request on
	char host[64];                       // ended by NUL; empty: none
	char domain[64];
};

struct dhcp {
	enum dhcp_state state;
	uint8_t hardware[6];
	uint32_t exchange; // the number of this exchange, by which answers are known (xid)
	unsigned tries;
	uint16_t seconds;  // since it began, as the last message said; a request says what its DISCOVER said
	int64_t asked_ms;  // when what is asked now was asked first
	int64_t due_ms;    // when something is to be sent, or to change
	int64_t leased_ms; // from when on the lease counts
	struct dhcp_lease lease;
};

constexpr size_t DHCP_BYTES_MAX = 576; // what every client must be able to take [RFC 2131 §2]

// A client that begins now. `chance`: a number that others do not guess.
struct dhcp dhcp_open(const uint8_t hardware[6], uint32_t chance, int64_t now_ms);

// It is due. Writes what is to be sent into `into` (DHCP_BYTES_MAX); 0 bytes: nothing. `to`: the server to send it to; zeros:
// everybody. The state after it may be DHCP_SEEKING where the lease has run out: then the address may not be used any more.
size_t dhcp_send(struct dhcp *dhcp, int64_t now_ms, uint8_t into[DHCP_BYTES_MAX], uint8_t to[4]);

// A message has come. True: a lease was granted or renewed, and stands in dhcp->lease. What is no answer to us is passed over.
bool dhcp_receive(struct dhcp *dhcp, int64_t now_ms, struct str message);
