// crt/pid1/net.h: the machine's network, as the kernel's command line asks for it (ip.h), the same way on every kernel.
//
// The loopback is switched on; an interface gets its address and its way out, from the command line or from a DHCP server, whose
// lease is renewed for as long as the machine runs; the host gets its name, and /etc/resolv.conf and /etc/hosts say the
// rest. About names the command line wins over a server. Whatever cannot be done is told in a sentence, and the machine goes on.
#pragma once

#include "crt/pid1/dhcp.h"
#include "crt/pid1/link.h"

struct net {
	int fd;           // of DHCP: readable when net_tick is wanted; -1: none
	struct link link; // what it is for
	struct dhcp dhcp;
	struct ip_address address; // the one that it has by a lease, in use
	unsigned prefix;
	struct str host; // what the command line says
	struct ip_address servers[2];
	bool wrote_hosts, wrote_servers; // those files are ours, and not the image's
};

// Does all of it. Waits for a server for some seconds; what comes later is net_tick's.
void net_open(struct net *net, const char *command_line);

// Milliseconds until net_tick is wanted; -1: never.
[[nodiscard]] int net_due_ms(const struct net *net);

// Does what is due. Does not wait.
void net_tick(struct net *net);
