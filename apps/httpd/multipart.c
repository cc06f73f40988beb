// apps/httpd/multipart.c: the lines around the pieces.
#include "apps/httpd/multipart.h"

#include "crt/str.h"

static void write_boundary(struct out *out, uint64_t boundary)
{
	out_str(out, STR("ringlet-"));
	out_hex(out, boundary, 16);
}

void multipart_type(struct out *out, uint64_t boundary)
{
	out_str(out, STR("multipart/byteranges; boundary="));
	write_boundary(out, boundary);
}

void multipart_range(struct out *out, const struct range *range, uint64_t of_bytes)
{
	out_str(out, STR("bytes "));
	out_unsigned(out, range->first);
	out_byte(out, '-');
	out_unsigned(out, range->first + range->bytes - 1);
	out_byte(out, '/');
	out_unsigned(out, of_bytes);
}

void multipart_head(struct out *out, const struct multipart *multipart, const struct range *range)
{
	out_str(out, STR("\r\n--"));
	write_boundary(out, multipart->boundary);
	out_str(out, STR("\r\nContent-Type: "));
	out_str(out, multipart->type);
	out_str(out, STR("\r\nContent-Range: "));
	multipart_range(out, range, multipart->of_bytes);
	out_str(out, STR("\r\n\r\n"));
}

void multipart_end(struct out *out, uint64_t boundary)
{
	out_str(out, STR("\r\n--"));
	write_boundary(out, boundary);
	out_str(out, STR("--\r\n"));
}

uint64_t multipart_bytes(const struct multipart *multipart, const struct ranges *ranges)
{
	// Written once for its length: what is counted is what is sent.
	uint8_t memory[MULTIPART_HEAD_BYTES_MAX];
	struct out end = out_to_memory(SPAN(memory));
	multipart_end(&end, multipart->boundary);
	uint64_t bytes = end.len;
	for (unsigned i = 0; i < ranges->count; i++) {
		struct out head = out_to_memory(SPAN(memory));
		multipart_head(&head, multipart, &ranges->of[i]);
		bytes += head.len + ranges->of[i].bytes;
	}
	return bytes;
}
