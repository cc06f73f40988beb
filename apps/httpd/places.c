// apps/httpd/places.c: opening them, and what is said when one cannot be had.
#include "apps/httpd/places.h"

#include <linux/un.h>

#include "apps/httpd/given.h"
#include "apps/httpd/listen.h"
#include "autoconf.h"
#include "crt/say.h"
#include "crt/str.h"

#define URL_BYTES_MAX 128 // "unix:" and a path of 107 bytes, or "http://[", an IPv6 address, and a port

bool places_add(struct places *places, struct str text, uint16_t port)
{
	struct str unix = STR("unix:");
	struct place *place = &places->place[places->count++];
	*place = (struct place){0};
	if (!str_starts(text, unix))
		return address_parse(text, port, &place->address);
	place->kind = PLACE_FILE;
	place->file.path = text.ptr + unix.len;
	return text.len > unix.len;
}

static void write_given(struct out *out, int listener)
{
	union {
		union address internet;
		struct sockaddr_un file;
	} name = {0};
	uint32_t bytes = sizeof(name);
	if (sys_getsockname(listener, &name, &bytes) != 0)
		return;
	if (name.internet.family != AF_UNIX) {
		address_write_url(out, &name.internet);
		return;
	}
	// A path may fill its array, without a NUL; a name that is none begins with one and is not shown. [unix(7)]
	struct str path = {name.file.sun_path, bytes - offsetof(struct sockaddr_un, sun_path)};
	out_str(out, STR("unix:"));
	out_str(out, str_cut(path, 0).before);
}

static void write_url(struct out *out, const struct place *place)
{
	switch (place->kind) {
	case PLACE_ADDRESS:
		address_write_url(out, &place->address);
		return;
	case PLACE_FILE:
		out_str(out, STR("unix:"));
		out_str(out, str_from_cstr(place->file.path));
		return;
	case PLACE_GIVEN:
		write_given(out, place->listeners[0]);
		return;
	}
}

static struct str cure_of(int error)
{
	switch (-error) {
	case EADDRINUSE:
		return STR(" (another program does; choose another port with --port, or stop it)");
	case EACCES:
		return STR(" (ports below 1024 need root or CAP_NET_BIND_SERVICE; choose another with --port)");
	case EADDRNOTAVAIL:
		return STR(" (choose one of this machine with --address; 'ip address' lists them)");
	case EAFNOSUPPORT:
		return STR(" (this kernel has no such addresses; choose the other kind with --address)");
	default:
		return STR("");
	}
}

static struct str cure_of_file(int error)
{
	switch (-error) {
	case EADDRINUSE:
		return STR(" (another program does; choose another path, or stop it)");
	case EEXIST:
		return STR(" (there is something that is no socket; choose another path, or remove it)");
	case EACCES:
	case EROFS:
		return STR(" (choose a folder that may be written)");
	case ENAMETOOLONG:
		return STR(" (the path of a socket has 107 bytes at most)");
	default:
		return STR("");
	}
}

bool places_given(struct places *places)
{
	int count = given_count(PLACES_MAX - places->count);
	if (count < 0) {
		say(STR("httpd: LISTEN_FDS is not a number of sockets, or there are more than 16 places with them"));
		return false;
	}
	for (int fd = GIVEN_FIRST; fd < GIVEN_FIRST + count; fd++) {
		int error = given_take(fd);
		if (error != 0) {
			uint8_t digits[20];
			struct out number = out_to_memory(SPAN(digits));
			out_unsigned(&number, (uint64_t)fd);
			say_error(error, STR("httpd: descriptor "), out_written(&number),
				  STR(", which LISTEN_FDS gives, is no listening stream socket"));
			return false;
		}
		struct place *place = &places->place[places->count++];
		*place = (struct place){.kind = PLACE_GIVEN, .listeners = {fd}};
	}
	return true;
}

static bool open_place(struct place *place, unsigned worker_count)
{
	bool is_file = place->kind == PLACE_FILE;
	int error;
	if (is_file) {
		place->listeners[0] = socket_file_listen(&place->file, place->file.path, CONFIG_HTTPD_LISTEN_BACKLOG);
		error = place->listeners[0] < 0 ? place->listeners[0] : 0;
	} else
		error = listen_at(&place->address, CONFIG_HTTPD_LISTEN_BACKLOG, place->listeners, worker_count);
	if (error == 0)
		return true;
	char bytes[URL_BYTES_MAX + 1024]; // a path that is too long is shown, too
	struct out url = out_to_memory(SPAN(bytes));
	write_url(&url, place);
	say_error(error, STR("httpd: cannot listen at "), out_written(&url),
		  is_file ? cure_of_file(error) : cure_of(error));
	return false;
}

bool places_open(struct places *places, uint16_t port, unsigned worker_count)
{
	places->worker_count = worker_count;
	if (places->count == 0 && !places_add(places, STR("127.0.0.1"), port))
		return false;
	for (unsigned i = 0; i < places->count; i++) {
		if (places->place[i].kind != PLACE_GIVEN && !open_place(&places->place[i], worker_count)) {
			places->count = i; // those behind are not open
			places_remove(places);
			return false;
		}
	}
	return true;
}

void places_tell(const struct places *places, struct str folder)
{
	for (unsigned i = 0; i < places->count; i++) {
		char bytes[URL_BYTES_MAX];
		struct out url = out_to_memory(SPAN(bytes));
		write_url(&url, &places->place[i]);
		say(STR("httpd: serving '"), folder, STR("' at "), out_written(&url));
	}
}

void places_keep(const struct places *places, unsigned worker, int *listeners)
{
	for (unsigned i = 0; i < places->count; i++) {
		const struct place *place = &places->place[i];
		bool is_own = place->kind == PLACE_ADDRESS;
		listeners[i] = place->listeners[is_own ? worker : 0];
		for (unsigned other = 0; is_own && other < places->worker_count; other++) {
			if (other != worker)
				(void)sys_close(place->listeners[other]); // the descriptor is gone whatever close says
		}
	}
}

void places_remove(const struct places *places)
{
	for (unsigned i = 0; i < places->count; i++) {
		if (places->place[i].kind == PLACE_FILE)
			socket_file_remove(&places->place[i].file);
	}
}
