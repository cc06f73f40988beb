// tests/unit/httpd_coding.c: apps/httpd/coding.h.
#include "apps/httpd/coding.h"

#include "crt/out.h"
#include "crt/str.h"
#include "tests/unit/httpd_edge.h"
#include "tests/unit/unit.h"

static struct codings read(struct str value)
{
	return codings_read((struct field){.span = edge_str(value), .is_there = true});
}

// What is sent where files in all codings are there: the codings in the order in which they are looked for, those that the client
// does not take in brackets, "identity" where it goes before the next, "406" at the end where even that is not taken.
static struct str order(const struct codings *codings)
{
	static uint8_t memory[128];
	struct out out = out_to_memory(SPAN(memory));
	unsigned tried = 0;
	for (enum coding best; (best = codings_best(codings, tried)) != CODING_IDENTITY; tried |= 1u << best) {
		bool is_taken = codings_takes(codings, best);
		out_str(&out, is_taken ? STR("") : STR("("));
		out_str(&out, coding_name(best));
		out_str(&out, is_taken ? STR(" ") : STR(") "));
	}
	out_str(&out, codings->weight[CODING_IDENTITY] > 0 ? STR("identity") : STR("406"));
	return out_written(&out);
}

#define ORDER(value, expected)                              \
	do {                                                \
		struct codings codings_ = read(STR(value)); \
		CHECK_STR(order(&codings_), STR(expected)); \
	} while (0)

UNIT(what_clients_say)
{
	struct codings none = codings_read((struct field){0});
	CHECK_STR(order(&none), STR("(zstd) (br) (gzip) identity"));
	ORDER("", "(zstd) (br) (gzip) identity"); // [RFC 9110 §12.5.3]
	ORDER("gzip", "gzip (zstd) (br) identity");
	ORDER("gzip, deflate", "gzip (zstd) (br) identity");
	ORDER("gzip, deflate, br", "br gzip (zstd) identity");
	ORDER("gzip, deflate, br, zstd", "zstd br gzip identity");
	ORDER("identity", "(zstd) (br) (gzip) identity");
	ORDER("deflate, compress", "(zstd) (br) (gzip) identity");
	ORDER("x-gzip", "gzip (zstd) (br) identity");
	ORDER("GZip ,\tBR", "br gzip (zstd) identity");
}

UNIT(weights)
{
	ORDER("gzip;q=0.8, br;q=0.5", "gzip br (zstd) identity");
	ORDER("gzip;q=0.001,br;q=0", "gzip (zstd) (br) identity");
	ORDER("br;q=1.000,gzip;q=0.999,zstd;q=0.5", "br gzip zstd identity");
	ORDER("gzip ; q=0.5 , zstd;Q=0.6", "zstd gzip (br) identity");
	ORDER("gzip;q=0.5, identity", "(zstd) (br) (gzip) identity"); // it would rather have it plain
	ORDER("gzip;q=0.5, identity;q=0.5", "gzip (zstd) (br) identity");
	ORDER("gzip;q=0", "(zstd) (br) (gzip) identity");
}

UNIT(the_star)
{
	ORDER("*", "zstd br gzip identity");
	ORDER("*;q=0", "(zstd) (br) (gzip) 406");
	ORDER("gzip, *;q=0", "gzip (zstd) (br) 406");
	ORDER("*;q=0, identity", "(zstd) (br) (gzip) identity");
	ORDER("br;q=0, *", "zstd gzip (br) identity");
	ORDER("identity;q=0", "(zstd) (br) (gzip) 406");
	ORDER("identity;q=0, *", "zstd br gzip 406");
	ORDER("gzip;q=0.2, *;q=0.1", "gzip zstd br identity");
}

UNIT(members_that_are_malformed_are_not_there)
{
	ORDER("gzip;q=2, br", "br (zstd) (gzip) identity");
	ORDER("gzip;q=1.001", "(zstd) (br) (gzip) identity");
	ORDER("gzip;q=0.1234", "(zstd) (br) (gzip) identity");
	ORDER("gzip;q=", "(zstd) (br) (gzip) identity");
	ORDER("gzip;q", "(zstd) (br) (gzip) identity");
	ORDER("gzip;", "(zstd) (br) (gzip) identity");
	ORDER("gzip;q=-1", "(zstd) (br) (gzip) identity");
	ORDER("gzip;q=0,5", "(zstd) (br) (gzip) identity");
	ORDER("gzip;q=01", "(zstd) (br) (gzip) identity");
	ORDER("gzip;r=1", "(zstd) (br) (gzip) identity");
	ORDER("gzip;q=1;q=1", "(zstd) (br) (gzip) identity");
	ORDER("gzi p, ;q=1, ,,, zst", "(zstd) (br) (gzip) identity");
	ORDER("gzip;q=0.", "(zstd) (br) (gzip) identity");
	ORDER("gzip;q=1.", "gzip (zstd) (br) identity");
}

UNIT(several_lines_are_one_list)
{
	struct str lines = STR("gzip;q=0.5\r\nHost: br\r\naccept-encoding: \tzstd\r\nAccept-Encoding:identity;q=0");
	struct codings codings =
		codings_read((struct field){.span = edge_str(lines), .is_there = true, .is_repeated = true});
	CHECK_STR(order(&codings), STR("zstd gzip (br) 406"));
}
