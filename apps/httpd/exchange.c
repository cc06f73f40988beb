// apps/httpd/exchange.c: who has an exchange.
#include "apps/httpd/exchange.h"

#include "apps/httpd/server.h"

// Exchanges that the kernel has at first, and at least. A turn of the loop with more new requests than that doubles it.
#define LENT_AT_FIRST 32u

bool exchanges_open(struct exchanges *all, struct arena *arena)
{
	size_t received = (size_t)EXCHANGES_POOL * CONFIG_HTTPD_REQUEST_BYTES_MAX;
	*all = (struct exchanges){.wanted = LENT_AT_FIRST};
	all->all = ARENA_TABLE(arena, struct exchange, EXCHANGES_MAX);
	all->received = (struct span){arena_alloc(arena, received, 1, 64), received};
	all->composed = (struct span){arena_alloc(arena, EXCHANGES_MAX, SEND_BYTES, 64), EXCHANGES_MAX * SEND_BYTES};
	return all->all != nullptr && all->received.ptr != nullptr && all->composed.ptr != nullptr;
}

void exchanges_pool(struct exchanges *all, struct io_uring *ring)
{
	struct ring_buffers_options options = {
		.group = EXCHANGES_GROUP,
		.count = EXCHANGES_POOL,
		.size = CONFIG_HTTPD_REQUEST_BYTES_MAX,
		.withheld = true,
	};
	all->is_pooled = ring_buffers_open(&all->pool, ring, all->received, options) == 0;
}

static struct exchange *take(struct exchanges *all)
{
	struct exchange *exchange = all->free;
	if (exchange != nullptr) {
		all->free = exchange->next_free;
		return exchange;
	}
	if (all->used == EXCHANGES_MAX)
		return nullptr;
	size_t index = all->used++, bytes = CONFIG_HTTPD_REQUEST_BYTES_MAX;
	exchange = &all->all[index];
	exchange->received = (struct span){all->received.ptr + index * bytes, bytes};
	exchange->composed = (struct span){all->composed.ptr + index * SEND_BYTES, SEND_BYTES};
	return exchange;
}

static void begin(struct exchange *exchange, struct connection *connection)
{
	connection->exchange = exchange;
	exchange->connection = connection;
	exchange->file = -1;
	exchange->received_len = exchange->request_at = 0;
	exchange->answer_at = exchange->before_count = 0;
	exchange->is_at_hand = false;
	exchange->request = (struct request){0};
}

bool exchange_take(struct exchanges *all, struct connection *connection)
{
	struct exchange *exchange = take(all);
	if (exchange == nullptr)
		return false;
	begin(exchange, connection);
	return true;
}

bool exchange_chosen(struct exchanges *all, struct connection *connection, struct io_uring_cqe *done)
{
	struct ring_part part;
	if (!ring_buffers_take(&all->pool, done, &part))
		return false;
	all->lent--;
	struct exchange *exchange = &all->all[part.id];
	begin(exchange, connection);
	exchange->received_len = part.bytes.len;
	return true;
}

void exchange_give(struct exchanges *all, struct connection *connection)
{
	struct exchange *exchange = connection->exchange;
	if (exchange == nullptr)
		return;
	connection->exchange = nullptr;
	exchange->next_free = all->free;
	all->free = exchange;
}

// How many the kernel is to have, by what it used of those it had. What is too many goes as it is chosen.
static void adapt(struct exchanges *all, int64_t now_s)
{
	if (all->lent < all->least)
		all->least = all->lent;
	if (all->ran_out && all->wanted < EXCHANGES_MAX)
		all->wanted *= 2;
	all->ran_out = false;
	if (now_s == all->since_s)
		return;
	if (all->wanted > LENT_AT_FIRST && all->least > all->wanted / 2)
		all->wanted /= 2;
	all->least = all->wanted;
	all->since_s = now_s;
}

void exchanges_lend(struct exchanges *all, int64_t now_s)
{
	if (!all->is_pooled)
		return;
	adapt(all, now_s);
	if (all->lent >= all->wanted)
		return;
	struct exchange *exchange;
	while (all->lent < all->wanted && (exchange = take(all)) != nullptr) {
		(void)ring_buffers_recycle(&all->pool, (unsigned)(exchange - all->all)); // it was withheld, or chosen
		all->lent++;
	}
	ring_buffers_commit(&all->pool);
}
