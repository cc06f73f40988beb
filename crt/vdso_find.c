// crt/vdso_find.c: ELF header, program headers, dynamic section, symbol, version: each step leads to the next.
//
//	header -> PT_LOAD      where the image lies, and how far
//	       -> PT_DYNAMIC   -> DT_SYMTAB DT_STRTAB    the symbols and their names
//			       -> DT_VERSYM DT_VERDEF    which version each of them is
//
// It runs once, so it is written to be short, not fast. The symbols are tried one after the other, and no hash table is
// read: DT_HASH is missing from some images and DT_GNU_HASH from others, and all that we would learn is where the
// symbols end. The search ends at the end of the image instead. What lies between is no symbol, and is taken for one
// only if it is a function of the right name and version, inside the image.
//
// [ELF gABI, chapters 4 and 5; Linux Standard Base Core, Symbol Versioning]
#include "crt/vdso_find.h"

#include <linux/elf.h>

#include "crt/mem.h"

// The kernel maps whole pages, and 4096 bytes is the least page there is. [AT_PAGESZ]
#define FIRST_PAGE_BYTES 4096u

// An image and its tables, as offsets in it. 0, where the header lies, stands for "has none".
struct vdso {
	struct str image;
	uint64_t bias; // the addresses in the image count from here
	uint64_t symbols, names, versions, definitions;
};

// The object of `type` that lies at an offset, or null where it is not all inside the image, or not aligned.
#define INSIDE(image, at, type) ((const type *)inside(image, at, sizeof(type), alignof(type)))

[[gnu::noinline]] static const void *inside(struct str image, uint64_t at, size_t size, size_t align)
{
	if (at > image.len || size > image.len - at || ((uintptr_t)image.ptr + at) % align != 0)
		return nullptr;
	return image.ptr + at;
}

static const Elf64_Phdr *segment_find(struct str image, uint32_t type)
{
	const Elf64_Ehdr *header = INSIDE(image, 0, Elf64_Ehdr);
	if (header == nullptr || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return nullptr;

	for (unsigned i = 0; i < header->e_phnum; i++) {
		const Elf64_Phdr *segment = INSIDE(image, header->e_phoff + i * sizeof(Elf64_Phdr), Elf64_Phdr);
		if (segment == nullptr || segment->p_type == type)
			return segment;
	}
	return nullptr;
}

static bool tables_find(struct vdso *vdso)
{
	const Elf64_Phdr *load = segment_find(vdso->image, PT_LOAD);
	const Elf64_Phdr *dynamic = segment_find(vdso->image, PT_DYNAMIC);
	if (load == nullptr || dynamic == nullptr)
		return false;
	vdso->bias = load->p_vaddr;

	// Sums and differences of offsets may wrap, here and below: whatever comes of it, INSIDE has the last word.
	for (uint64_t at = dynamic->p_vaddr - vdso->bias;; at += sizeof(Elf64_Dyn)) {
		const Elf64_Dyn *entry = INSIDE(vdso->image, at, Elf64_Dyn);
		if (entry == nullptr || entry->d_tag == DT_NULL)
			break;
		uint64_t table = entry->d_un.d_ptr - vdso->bias;
		if (entry->d_tag == DT_SYMTAB)
			vdso->symbols = table;
		if (entry->d_tag == DT_STRTAB)
			vdso->names = table;
		if (entry->d_tag == DT_VERSYM)
			vdso->versions = table;
		if (entry->d_tag == DT_VERDEF)
			vdso->definitions = table;
	}
	return vdso->symbols != 0 && vdso->names != 0;
}

[[gnu::noinline]] static bool name_is(const struct vdso *vdso, uint32_t at, struct str name)
{
	const char *text = inside(vdso->image, vdso->names + at, name.len + 1, 1);
	return text != nullptr && memcmp(text, name.ptr, name.len) == 0 && text[name.len] == 0;
}

static bool version_is(const struct vdso *vdso, uint64_t symbol, struct str version)
{
	if (vdso->versions == 0 || vdso->definitions == 0)
		return true;
	const Elf64_Versym *number = INSIDE(vdso->image, vdso->versions + symbol * sizeof(*number), Elf64_Versym);

	// A list that only leads forward, so it ends.
	uint64_t at = vdso->definitions;
	const Elf64_Verdef *definition = INSIDE(vdso->image, at, Elf64_Verdef);
	while (number != nullptr && definition != nullptr) {
		if (definition->vd_ndx == (*number & 0x7fff)) { // the highest bit: hidden, not the default version
			const Elf64_Verdaux *name = INSIDE(vdso->image, at + definition->vd_aux, Elf64_Verdaux);
			return name != nullptr && name_is(vdso, name->vda_name, version);
		}
		if (definition->vd_next == 0)
			break;
		at += definition->vd_next;
		definition = INSIDE(vdso->image, at, Elf64_Verdef);
	}
	return false;
}

struct str vdso_image(const void *start)
{
	const Elf64_Phdr *load = segment_find((struct str){start, FIRST_PAGE_BYTES}, PT_LOAD);
	return load == nullptr ? (struct str){} : (struct str){start, load->p_filesz};
}

const void *vdso_function(struct str image, struct str name, struct str version)
{
	struct vdso vdso = {.image = image};
	if (!tables_find(&vdso))
		return nullptr;

	for (uint64_t i = 0;; i++) {
		const Elf64_Sym *symbol = INSIDE(image, vdso.symbols + i * sizeof(*symbol), Elf64_Sym);
		if (symbol == nullptr)
			return nullptr;
		if (ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx != SHN_UNDEF &&
		    name_is(&vdso, symbol->st_name, name) && version_is(&vdso, i, version))
			return inside(image, symbol->st_value - vdso.bias, 1, 1);
	}
}
