// tests/unit/clock.c: the clock agrees with the kernel's, by the vDSO and without; and no image leads its parser
// astray.
#include "crt/clock.h"

#include <linux/auxvec.h>
#include <linux/elf.h>

#include "arch/sys.h"
#include "crt/mem.h"
#include "crt/process.h"
#include "crt/vdso_find.h"
#include "tests/unit/unit.h"
#include "vdso.h"

static int64_t in_ns(struct __kernel_timespec time)
{
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

// A reading lies between two of the kernel's own.
static void check_between(int clock)
{
	for (int i = 0; i < 100; i++) {
		struct __kernel_timespec before, now, after;
		CHECK_EQUAL(sys_clock_gettime(clock, &before), 0);
		CHECK_EQUAL(clock_now(clock, &now), 0);
		CHECK_EQUAL(sys_clock_gettime(clock, &after), 0);
		CHECK(in_ns(before) <= in_ns(now) && in_ns(now) <= in_ns(after));
	}
}

static void check_clocks(void)
{
	check_between(CLOCK_MONOTONIC);
	check_between(CLOCK_REALTIME);
	check_between(CLOCK_BOOTTIME);

	struct __kernel_timespec now = {1, 2};
	CHECK_EQUAL(clock_now(12345, &now), -EINVAL);
	CHECK(now.tv_sec == 1 && now.tv_nsec == 2);

	int64_t last = clock_monotonic_ns();
	for (int i = 0; i < 1000; i++) {
		int64_t next = clock_monotonic_ns();
		CHECK(next >= last);
		last = next;
	}

	struct __kernel_timespec kernel;
	CHECK_EQUAL(sys_clock_gettime(CLOCK_REALTIME, &kernel), 0);
	int64_t seconds = clock_realtime_s();
	CHECK(seconds == kernel.tv_sec || seconds == kernel.tv_sec + 1);
}

UNIT(clock_as_found)
{
	check_clocks();
}

UNIT(clock_by_system_call)
{
	clock_source(nullptr);
	check_clocks();
}

UNIT(clock_where_the_vdso_is_none)
{
	static const char page[4096] __attribute__((aligned(4096))) = "no ELF header";
	clock_source(page);
	check_clocks();
}

UNIT(the_kernels_vdso)
{
	const void *vdso = (const void *)process_aux(AT_SYSINFO_EHDR);
	if (vdso == nullptr)
		UNIT_SKIP(STR("no vDSO here (qemu-user)"));

	struct str image = vdso_image(vdso);
	CHECK(image.len >= 1024 && image.len < 1 << 20);
	CHECK(vdso_function(image, VDSO_CLOCK_GETTIME, VDSO_VERSION) != nullptr);
	CHECK(vdso_function(image, VDSO_CLOCK_GETTIME, STR("LINUX_0.0")) == nullptr);
	CHECK(vdso_function(image, STR("clock_gettim"), VDSO_VERSION) == nullptr);
	clock_source(vdso);
	check_clocks();
}

// An image as the kernel could have made it, small. Its addresses start at BIAS, as those of old kernels did.
#define BIAS UINT64_C(0xffffffffff700000)

struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segments[2];
	Elf64_Dyn dynamic[6];
	Elf64_Sym symbols[4];
	Elf64_Versym versions[4];
	struct {
		Elf64_Verdef definition;
		Elf64_Verdaux name;
	} definitions[3];
	char names[64];
	char code[16];
};

#define AT(field) (BIAS + offsetof(struct image, field))

// Offsets in `names`: 1 "wanted", 8 "other", 14 "V1", 17 "V2", 20 "library".
static const struct image good = {
	.header = {.e_ident = ELFMAG "\2\1\1", .e_phoff = offsetof(struct image, segments), .e_phnum = 2},
	.segments = {{.p_type = PT_LOAD, .p_vaddr = BIAS, .p_filesz = sizeof(struct image)},
		     {.p_type = PT_DYNAMIC, .p_vaddr = AT(dynamic)}},
	.dynamic = {{DT_STRTAB, {AT(names)}},
		    {DT_SYMTAB, {AT(symbols)}},
		    {DT_VERSYM, {AT(versions)}},
		    {DT_VERDEF, {AT(definitions)}},
		    {DT_SONAME, {20}}},
	.symbols = {{},
		    {.st_name = 8, .st_info = STT_FUNC, .st_shndx = 1, .st_value = AT(code)},
		    {.st_name = 1, .st_info = STT_FUNC, .st_shndx = 1, .st_value = AT(code[4])},
		    {.st_name = 1, .st_info = STT_FUNC, .st_shndx = 1, .st_value = AT(code[8])}},
	.versions = {0, 2, 2, 3},
	.definitions = {{{1, VER_FLG_BASE, 1, 1, 0, sizeof(Elf64_Verdef), sizeof(good.definitions[0])}, {20, 0}},
			{{1, 0, 2, 1, 0, sizeof(Elf64_Verdef), sizeof(good.definitions[0])}, {14, 0}},
			{{1, 0, 3, 1, 0, sizeof(Elf64_Verdef), 0}, {17, 0}}},
	.names = "\0wanted\0other\0V1\0V2\0library",
};

static uint8_t *edge; // the end of readable memory, which is one page of 64 KiB

// Puts the first `size` bytes of an image right before memory that cannot be read. `size` is a multiple of 8.
static struct str at_edge(const struct image *image, size_t size)
{
	if (edge == nullptr) {
		long address = sys_mmap(nullptr, 3 * 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (!CHECK(address > 0))
			sys_exit_group(1);
		edge = (uint8_t *)address + 2 * 65536;
		CHECK_EQUAL(sys_mprotect((uint8_t *)address, 65536, PROT_NONE), 0);
		CHECK_EQUAL(sys_mprotect(edge, 65536, PROT_NONE), 0);
	}
	memcpy(edge - size, image, size);
	return (struct str){(const char *)edge - size, size};
}

static const void *wanted_in(const struct image *image)
{
	return vdso_function(at_edge(image, sizeof(*image)), STR("wanted"), STR("V2"));
}

static const uint8_t *code_at_edge(void)
{
	return edge - sizeof(struct image) + offsetof(struct image, code);
}

UNIT(a_function_by_name_and_version)
{
	struct str image = at_edge(&good, sizeof(good));
	CHECK_EQUAL(vdso_function(image, STR("other"), STR("V1")), code_at_edge());
	CHECK_EQUAL(vdso_function(image, STR("wanted"), STR("V1")), code_at_edge() + 4);
	CHECK_EQUAL(vdso_function(image, STR("wanted"), STR("V2")), code_at_edge() + 8);
	CHECK(vdso_function(image, STR("wanted"), STR("V3")) == nullptr);
	CHECK(vdso_function(image, STR("wanted"), STR("library")) == nullptr);
	CHECK(vdso_function(image, STR("want"), STR("V1")) == nullptr);
	CHECK(vdso_function(image, STR("wanted!"), STR("V1")) == nullptr);
	CHECK(vdso_function(image, STR("other"), STR("V2")) == nullptr);
}

// A clock for the test, which a crafted image offers as the kernel's.
static int fake_result, fake_calls;
static int fake_clock(int clock, struct __kernel_timespec *now)
{
	fake_calls++;
	CHECK(clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME);
	if (fake_result == 0)
		*now = (struct __kernel_timespec){42, 7};
	return fake_result;
}

UNIT(the_vdso_is_asked_first_and_the_kernel_when_it_fails)
{
	// The image lies low, so that this program's code lies behind it, and claims to reach as far.
	void *low = (void *)0x10000000;
	long address = sys_mmap(low, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t distance = (uintptr_t)fake_clock - (uintptr_t)address;
	if (address < 0 || (uintptr_t)fake_clock < (uintptr_t)address)
		UNIT_SKIP(STR("no memory below the program"));
	struct image *image = (struct image *)address;
	*image = good;
	image->dynamic[2].d_tag = DT_NULL; // no versions
	image->segments[0].p_filesz = distance + 1;
	image->symbols[1].st_value = BIAS + distance;
	image->symbols[1].st_name = 1;
	memcpy(image->names + 1, VDSO_CLOCK_GETTIME.ptr, VDSO_CLOCK_GETTIME.len + 1);
	clock_source(image);

	CHECK_EQUAL(clock_monotonic_ns(), INT64_C(42000000007));
	CHECK_EQUAL(clock_realtime_s(), 42);
	CHECK_EQUAL(fake_calls, 2);

	fake_result = -ENOSYS;
	check_between(CLOCK_MONOTONIC);
	CHECK_EQUAL(fake_calls, 102);

	clock_source(nullptr);
	check_between(CLOCK_MONOTONIC);
	CHECK_EQUAL(fake_calls, 102);
	CHECK_EQUAL(sys_munmap(image, 4096), 0);
}

UNIT(images_that_differ)
{
	struct image image = good;
	image.dynamic[2].d_tag = DT_NULL; // no versions: the name decides
	CHECK_EQUAL(wanted_in(&image), code_at_edge() + 4);

	image = good;
	image.versions[3] |= 0x8000; // hidden, and the version it is
	CHECK_EQUAL(wanted_in(&image), code_at_edge() + 8);

	image = good;
	image.symbols[3].st_shndx = SHN_UNDEF;
	CHECK(wanted_in(&image) == nullptr);

	image = good;
	image.symbols[3].st_info = STT_OBJECT;
	CHECK(wanted_in(&image) == nullptr);

	image = good;
	image.symbols[3].st_value = BIAS + sizeof(image); // one byte too far
	CHECK(wanted_in(&image) == nullptr);
	image.symbols[3].st_value--;
	CHECK_EQUAL(wanted_in(&image), edge - 1);

	image = good;
	image.symbols[3].st_value = BIAS - 1;
	CHECK(wanted_in(&image) == nullptr);

	image = good;
	image.dynamic[0].d_tag = DT_NULL; // no tables
	CHECK(wanted_in(&image) == nullptr);

	image = good;
	image.segments[1].p_type = PT_NOTE; // no dynamic section
	CHECK(wanted_in(&image) == nullptr);
}

UNIT(extent_of_an_image)
{
	static struct {
		struct image image;
		char rest[8192 - sizeof(struct image)];
	} pages __attribute__((aligned(4096)));

	pages.image = good;
	struct str found = vdso_image(&pages);
	CHECK(found.ptr == (const char *)&pages && found.len == sizeof(good));

	pages.image.header.e_phoff = 4096; // headers must lie in the first page
	CHECK_EQUAL(vdso_image(&pages).len, 0);
	pages.image.header.e_phoff = UINT64_MAX - 15;
	CHECK_EQUAL(vdso_image(&pages).len, 0);

	pages.image = good;
	pages.image.segments[0].p_type = PT_NOTE;
	CHECK_EQUAL(vdso_image(&pages).len, 0);

	pages.image = good;
	pages.image.header.e_ident[0] = 0;
	CHECK_EQUAL(vdso_image(&pages).len, 0);
}

// From here on only one thing is asked: that nothing outside is read (which would end this program) or returned.
static void check_inside(struct str image)
{
	const char *found = vdso_function(image, STR("wanted"), STR("V2"));
	CHECK(found == nullptr || (found >= image.ptr && found < image.ptr + image.len));

	struct str first = {(const char *)edge - 65536, image.len}; // now behind memory that cannot be read
	memmove(edge - 65536, image.ptr, image.len);
	found = vdso_function(first, STR("wanted"), STR("V2"));
	CHECK(found == nullptr || (found >= first.ptr && found < first.ptr + first.len));
}

UNIT(broken_in_one_byte)
{
	static const uint8_t changes[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x40, 0x7f, 0x80, 0xff};
	for (size_t at = 0; at < sizeof(good); at++) {
		for (size_t i = 0; i < sizeof(changes); i++) {
			struct str image = at_edge(&good, sizeof(good));
			(edge - sizeof(good))[at] ^= changes[i];
			check_inside(image);
		}
	}
}

UNIT(broken_by_chance)
{
	uint64_t random = 1;
	for (int round = 0; round < 20000; round++) {
		struct str image = at_edge(&good, sizeof(good));
		for (int i = 0; i < 4; i++) { // xorshift64 [Marsaglia, Xorshift RNGs, 2003]
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			// A whole word, mostly a small one, so that sums land near the ends too.
			uint64_t word = random >> 32 & 1 ? random >> 40 & 0x3ff : random;
			memcpy(edge - sizeof(good) + (random >> 8) % (sizeof(good) / 8) * 8, &word, sizeof(word));
		}
		check_inside(image);
	}
}

UNIT(cut_short)
{
	static_assert(sizeof(struct image) % 8 == 0);
	for (size_t size = 0; size < sizeof(good); size += 8)
		check_inside(at_edge(&good, size));
}

UNIT(not_aligned)
{
	struct str image = at_edge(&good, sizeof(good));
	memmove(edge - sizeof(good) - 1, edge - sizeof(good), sizeof(good));
	image.ptr--;
	CHECK(vdso_function(image, STR("wanted"), STR("V2")) == nullptr); // not read where it would not be aligned
}
