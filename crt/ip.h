// crt/ip.h: internet addresses, from text to the bytes that go over the network.
#pragma once

#include <stdint.h>

#include "arch/span.h"

// Reads four numbers with dots between them: "192.0.2.7". False: it is something else.
[[nodiscard]] bool ip_parse_v4(struct str text, uint8_t into[4]);

// Reads up to eight groups of hexadecimal digits; "::" stands once for as many zero groups as are missing; the last two groups
// may be an IPv4 address. False: it is something else. [RFC 4291 §2.2]
[[nodiscard]] bool ip_parse_v6(struct str text, uint8_t into[16]);
