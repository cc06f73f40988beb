// ring/emulate/watch.c: waits for descriptors: one epoll, which is the ring's own descriptor. The only file that knows.
//
// A watch is a descriptor and those who wait for it. epoll is told once a wait (one shot), and what it knew from an earlier wait
// is changed rather than added, what was just opened is added: one call each. A descriptor may be closed and its number be another
// file's by the next wait; epoll keeps files apart, so it says that it does not know that one, and it is added. What fires late,
// for a wait that is over, finds no watch, or one whose request tries in vain and waits again. [epoll(7), questions 6 and 9]
#include <linux/eventpoll.h>

#include "ring/emulate/emulate.h"

#define NS_PER_MS 1000000
#define EVENTS_MAX 64
#define ALWAYS ((uint32_t)(POLLERR | POLLHUP)) // told unasked

static struct watch **bucket_of(struct emulation *e, int fd)
{
	return &e->buckets[(unsigned)fd % BUCKETS];
}

static struct watch *find(struct emulation *e, int fd)
{
	struct watch *watch = *bucket_of(e, fd);
	while (watch != nullptr && watch->fd != fd)
		watch = watch->next;
	return watch;
}

static void put(struct emulation *e, struct watch *watch)
{
	struct watch **bucket = bucket_of(e, watch->fd);
	watch->next = *bucket;
	*bucket = watch;
}

static void take_out(struct emulation *e, struct watch *watch)
{
	struct watch **at = bucket_of(e, watch->fd);
	while (*at != watch)
		at = &(*at)->next;
	*at = watch->next;
}

// There are as many as requests, so there is one.
static struct watch *watch_new(struct emulation *e, int fd)
{
	struct watch *watch = e->free_watches;
	if (watch != nullptr)
		e->free_watches = watch->next;
	else
		watch = &e->watches[e->watches_used++];
	*watch = (struct watch){.fd = fd};
	put(e, watch);
	return watch;
}

static void join(struct watch *watch, struct request *request)
{
	request->watch = watch;
	request->beside_next = nullptr;
	request->beside_prev = watch->last;
	*(watch->last != nullptr ? &watch->last->beside_next : &watch->first) = request;
	watch->last = request;
}

static bool is_seen(struct emulation *e, int fd)
{
	return (unsigned)fd < e->seen_max && (e->seen[fd / 8] & 1 << fd % 8) != 0;
}

static void note_seen(struct emulation *e, int fd)
{
	if ((unsigned)fd < e->seen_max)
		e->seen[fd / 8] |= (uint8_t)(1 << fd % 8);
}

// Something was just opened: epoll cannot know it, whatever had its number.
void ring_emu_watch_forget(struct emulation *e, int fd)
{
	if ((unsigned)fd < e->seen_max)
		e->seen[fd / 8] &= (uint8_t)~(1 << fd % 8);
}

static int tell_epoll(struct emulation *e, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data = (unsigned)fd};
	int operation = is_seen(e, fd) ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	int error = sys_epoll_ctl(e->fd, operation, fd, &event);
	if (error == -ENOENT || error == -EEXIST)
		error = sys_epoll_ctl(e->fd, operation == EPOLL_CTL_MOD ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
	if (error == 0)
		note_seen(e, fd);
	return error;
}

static int arm(struct emulation *e, struct watch *watch)
{
	uint32_t events = 0;
	for (struct request *each = watch->first; each != nullptr; each = each->beside_next)
		events |= each->events;
	int error = tell_epoll(e, watch->fd, events | EPOLLONESHOT);
	watch->armed = error == 0 ? events | ALWAYS : 0;
	return error;
}

int ring_emu_wait_for(struct emulation *e, struct request *request, int fd, uint32_t events)
{
	if (request->watch != nullptr && request->watch->fd != fd)
		(void)ring_emu_watch_leave(e, request); // a splice, of which the other end is a file of the program's
	struct watch *watch = request->watch;
	// Whoever comes to a watch anew tells epoll, though it may know: the number may be another file's meanwhile. (Only accepts know
	// that it is not: ring_emu_wait_beside.)
	bool is_known = watch != nullptr && (watch->armed & events) == events;
	if (watch == nullptr) {
		watch = find(e, fd);
		if (watch == nullptr)
			watch = watch_new(e, fd);
		join(watch, request);
	}
	watch->is_owned |= request->owns_fd;
	request->events = events;
	int error = is_known ? 0 : arm(e, watch);
	if (error != 0)
		return error == -EPERM ? -EOPNOTSUPP : error; // nothing that can be polled
	ring_emu_list_add(&e->waiting, request);
	return WAITS;
}

int ring_emu_wait_in_vain(struct emulation *e, struct request *request)
{
	int result = ring_emu_wait_for(e, request, request->fd, POLLIN);
	if (result == WAITS)
		request->watch->vain = e->turn;
	return result;
}

bool ring_emu_wait_beside(struct emulation *e, struct request *request)
{
	struct watch *watch = request->watch != nullptr ? request->watch : find(e, request->fd);
	if (watch == nullptr || watch->vain != e->turn)
		return false;
	if (request->watch == nullptr)
		join(watch, request);
	watch->is_owned |= request->owns_fd;
	request->events = POLLIN;
	ring_emu_list_add(&e->waiting, request);
	return true;
}

// Adding it for nothing tells. What epoll knows already it knows to be one that can be waited for.
int ring_emu_can_wait_for(struct emulation *e, int fd)
{
	struct epoll_event event = {.events = EPOLLONESHOT, .data = (unsigned)fd};
	int error = sys_epoll_ctl(e->fd, EPOLL_CTL_ADD, fd, &event);
	if (error == 0)
		note_seen(e, fd);
	return error == -EEXIST ? 0 : error;
}

// A multishot poll: a file description of its own to epoll, so that it is told each time and nobody else's wait is.
int ring_emu_watch_edges(struct emulation *e, struct request *request, uint32_t events)
{
	struct watch *watch = request->watch;
	if (watch == nullptr) {
		int fd = ring_emu_dup_of(request->fd);
		if (fd < 0)
			return fd;
		watch = watch_new(e, fd);
		watch->is_owned = true;
		join(watch, request);
	}
	request->fd = watch->fd;
	request->events = events;
	int error = tell_epoll(e, watch->fd, events | EPOLLET);
	if (error != 0)
		return error == -EPERM ? -EOPNOTSUPP : error;
	watch->armed = UINT32_MAX;
	e->looks_again = true;
	ring_emu_list_add(&e->waiting, request);
	return WAITS;
}

// The tag of the file that nobody holds any more; 0: none.
uint64_t ring_emu_watch_leave(struct emulation *e, struct request *request)
{
	struct watch *watch = request->watch;
	if (watch == nullptr) {
		if (request->owns_fd)
			(void)sys_close(request->fd); // the descriptor is gone whatever close says
		request->owns_fd = false;
		return 0;
	}
	struct request *next = request->beside_next, *prev = request->beside_prev;
	*(prev != nullptr ? &prev->beside_next : &watch->first) = next;
	*(next != nullptr ? &next->beside_prev : &watch->last) = prev;
	request->watch = nullptr;
	request->owns_fd = false;
	if (watch->first != nullptr)
		return 0;
	take_out(e, watch);
	if (watch->is_owned) {
		// The file may be open elsewhere, and then epoll would go on watching it.
		(void)sys_epoll_ctl(e->fd, EPOLL_CTL_DEL, watch->fd, &(struct epoll_event){});
		(void)sys_close(watch->fd); // the descriptor is gone whatever close says
	}
	watch->next = e->free_watches;
	e->free_watches = watch;
	return watch->tag;
}

// The program closes this descriptor through the ring: those who wait for the file keep it.
void ring_emu_watch_keep(struct emulation *e, int fd)
{
	struct watch *watch = find(e, fd);
	int kept = watch != nullptr ? ring_emu_dup_of(fd) : -1;
	if (kept < 0) { // nobody waits; or no descriptor is left, and then they wait until they are canceled
		if (watch != nullptr)
			watch->vain = 0;
		return;
	}
	(void)sys_epoll_ctl(e->fd, EPOLL_CTL_DEL, fd, &(struct epoll_event){});
	take_out(e, watch);
	watch->fd = kept;
	watch->is_owned = true;
	put(e, watch);
	for (struct request *each = watch->first; each != nullptr; each = each->beside_next)
		if (each->fd == fd)
			each->fd = kept;
	(void)arm(e, watch); // as for the other one
}

// A registered file is taken back: whoever still waits for it inherits it, and the tag. False: nobody does.
bool ring_emu_watch_adopt(struct emulation *e, int fd, uint64_t tag)
{
	struct watch *watch = find(e, fd);
	if (watch == nullptr)
		return false;
	watch->is_owned = true;
	watch->tag = tag;
	return true;
}

static void wake(struct emulation *e, int fd, uint32_t events)
{
	struct watch *watch = find(e, fd);
	if (watch == nullptr)
		return;
	bool is_edge = watch->armed == UINT32_MAX;
	bool others_wait = false;
	for (struct request *each = watch->first; each != nullptr; each = each->beside_next) {
		if (each->in != &e->waiting)
			continue;
		if ((events & (each->events | ALWAYS)) == 0) {
			others_wait = true;
			continue;
		}
		ring_emu_list_remove(each);
		ring_emu_list_add(&e->ready, each);
	}
	if (is_edge)
		return;
	watch->armed = watch->vain = 0;
	if (others_wait)
		(void)arm(e, watch);
}

// What has become ready goes to `ready`.
static int collect(struct emulation *e, int fd, int timeout_ms, const uint64_t *mask)
{
	struct epoll_event events[EVENTS_MAX];
	int count;
	do {
		count = sys_epoll_pwait(fd, events, EVENTS_MAX, timeout_ms, mask);
		for (int i = 0; i < count; i++)
			wake(e, (int)events[i].data, events[i].events);
		timeout_ms = 0;
	} while (count == EVENTS_MAX);
	return count < 0 ? count : 0;
}

int ring_emu_harvest(struct emulation *e, int fd)
{
	return collect(e, fd, 0, nullptr);
}

// Whole milliseconds are slept by epoll, the rest by ppoll(2), which counts finer: a call less where it is long.
int ring_emu_sleep_until(struct emulation *e, int64_t timeout_ns, const uint64_t *mask)
{
	if (timeout_ns < 0)
		return collect(e, e->fd, -1, mask);
	int64_t ms = timeout_ns / NS_PER_MS;
	if (ms > 0)
		return collect(e, e->fd, ms < INT_MAX ? (int)ms : INT_MAX, mask);
	struct pollfd ring = {.fd = e->fd, .events = POLLIN};
	int ready = sys_ppoll(&ring, 1, &(struct __kernel_timespec){.tv_nsec = timeout_ns}, mask);
	return ready < 0 ? ready : ring_emu_harvest(e, e->fd);
}

int ring_emu_poll_now(int fd, uint32_t events)
{
	struct pollfd one = {.fd = fd, .events = (short)events};
	int count;
	do
		count = sys_ppoll(&one, 1, &(struct __kernel_timespec){}, nullptr);
	while (count == -EINTR); // this is a look, not a wait: a signal that is there is no result of the operation
	if (count <= 0)
		return count;
	return (one.revents & POLLNVAL) != 0 ? -EBADF : (unsigned short)one.revents;
}

int ring_emu_dup_of(int fd)
{
	return (int)sys_fcntl(fd, F_DUPFD_CLOEXEC, 0);
}
