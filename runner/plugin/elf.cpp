#include "plugin/elf.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include <dibs/note.hpp>
#include <fmt/format.h>

namespace dibs::plugin {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half own_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half own_machine = EM_AARCH64;
#elif defined(__riscv)
constexpr Elf64_Half own_machine = EM_RISCV;
#elif defined(__powerpc64__)
constexpr Elf64_Half own_machine = EM_PPC64;
#elif defined(__s390x__)
constexpr Elf64_Half own_machine = EM_S390;
#else
#    error "dibs does not know this machine's ELF number: add it here"
#endif

constexpr std::size_t most_source = 64UL << 20; ///< bytes; no migration is this long

/// The file behind bounds checks.
class Image {
  public:
    Image(std::uint64_t size, const ReadRange& read) : size_(size), read_(read) {}

    [[nodiscard]] std::string bytes(std::uint64_t offset, std::uint64_t size) const {
        if (offset > size_ || size > size_ - offset)
            throw BadElf(fmt::format("the file is cut off: {} bytes at {} are wanted, it has {}", size,
                                     offset, size_));
        return read_(offset, static_cast<std::size_t>(size));
    }
    template <class T>
    [[nodiscard]] std::vector<T> table(std::uint64_t offset, std::uint64_t count) const {
        const std::string raw =
            bytes(offset, count * sizeof(T)); // count fits: 16 bits, or from a size in bytes
        std::vector<T> items(static_cast<std::size_t>(count));
        raw.copy(reinterpret_cast<char*>(items.data()),
                 raw.size()); // memcpy takes no null, not even for 0 bytes
        return items;
    }

  private:
    std::uint64_t size_;
    const ReadRange& read_;
};

Elf64_Ehdr header_of(const Image& image, std::uint64_t file_size) {
    if (file_size < sizeof(Elf64_Ehdr))
        throw BadElf(file_size == 0 ? "the file is empty"
                                    : "not a shared library: too short to be an ELF file");
    const Elf64_Ehdr header = image.table<Elf64_Ehdr>(0, 1).front();
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        throw BadElf("not a shared library: no ELF header");
    constexpr unsigned char own_order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != own_order ||
        header.e_machine != own_machine)
        throw BadElf(fmt::format("built for another machine (ELF machine {}, this is {})", header.e_machine,
                                 own_machine));
    if (header.e_type != ET_DYN || header.e_phentsize != sizeof(Elf64_Phdr) ||
        (header.e_shnum != 0 && header.e_shentsize != sizeof(Elf64_Shdr)))
        throw BadElf("not a shared library: an ELF file of another type");
    return header;
}

/// Notes come one after the other, each name and text padded to four bytes (gABI, "Note Section").
std::string find_note(std::string_view notes) {
    while (notes.size() >= sizeof(Elf64_Nhdr)) {
        Elf64_Nhdr note{};
        std::memcpy(&note, notes.data(), sizeof note);
        notes.remove_prefix(sizeof note);
        const std::uint64_t name_size = (std::uint64_t{note.n_namesz} + 3) / 4 * 4;
        const std::uint64_t text_size = (std::uint64_t{note.n_descsz} + 3) / 4 * 4;
        if (name_size > notes.size() || note.n_descsz > notes.size() - name_size)
            throw BadElf("a note in it is cut off");
        const std::string_view name = notes.substr(0, note.n_namesz);
        if (name == std::string_view("dibs", 5) && note.n_type == dibs::detail::note_type)
            return std::string(notes.substr(name_size, note.n_descsz));
        notes.remove_prefix(std::min<std::uint64_t>(notes.size(), name_size + text_size));
    }
    return {};
}

/// Where in the file an address of the loaded library comes from.
std::uint64_t offset_of(std::uint64_t address, const std::vector<Elf64_Phdr>& segments) {
    for (const Elf64_Phdr& segment : segments)
        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
            address - segment.p_vaddr < segment.p_filesz)
            return segment.p_offset + (address - segment.p_vaddr);
    throw BadElf("its dynamic section points nowhere");
}

/// Whether the loader would find a function of this name, which the table of dynamic symbols tells (gABI,
/// "Symbol Table"); a name that is only wanted there, and comes from elsewhere, has no section.
bool exports(const Image& image, const std::vector<Elf64_Shdr>& sections, std::string_view name) {
    for (const Elf64_Shdr& section : sections) {
        if (section.sh_type != SHT_DYNSYM)
            continue;
        if (section.sh_entsize != sizeof(Elf64_Sym) || section.sh_link >= sections.size())
            throw BadElf("its table of symbols makes no sense");
        const Elf64_Shdr& texts = sections[section.sh_link];
        const std::string names = image.bytes(texts.sh_offset, texts.sh_size);
        const std::string raw = image.bytes(section.sh_offset, section.sh_size);
        Elf64_Sym symbol{};
        for (std::size_t at = 0; raw.size() - at >= sizeof symbol; at += sizeof symbol) {
            std::memcpy(&symbol, raw.data() + at, sizeof symbol);
            if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_shndx != SHN_UNDEF &&
                symbol.st_name < names.size() && names.c_str() + symbol.st_name == name)
                return true;
        }
    }
    return false;
}

} // namespace

ElfParts read_elf(std::uint64_t file_size, const ReadRange& read) {
    const Image image(file_size, read);
    const Elf64_Ehdr header = header_of(image, file_size);
    ElfParts parts;
    // What the loader would map must be in the file, or it ends with SIGBUS where the bytes are missing.
    for (const Elf64_Phdr& segment : image.table<Elf64_Phdr>(header.e_phoff, header.e_phnum)) {
        if (segment.p_offset > file_size || segment.p_filesz > file_size - segment.p_offset)
            throw BadElf("the file is cut off");
        if (segment.p_type == PT_NOTE && segment.p_align <= 4 && parts.note.empty())
            parts.note = find_note(image.bytes(segment.p_offset, segment.p_filesz));
    }
    if (header.e_shnum == 0 || header.e_shstrndx >= header.e_shnum)
        return parts;
    const std::vector<Elf64_Shdr> sections = image.table<Elf64_Shdr>(header.e_shoff, header.e_shnum);
    const Elf64_Shdr& names_section = sections[header.e_shstrndx];
    const std::string names = image.bytes(names_section.sh_offset, names_section.sh_size);
    for (const Elf64_Shdr& section : sections) {
        if (section.sh_name >= names.size() || section.sh_type != SHT_PROGBITS ||
            std::string_view(names).substr(section.sh_name, 13) != std::string_view(".dibs.source", 13))
            continue;
        if (section.sh_size > most_source)
            throw BadElf("its source section is larger than any source");
        parts.source = image.bytes(section.sh_offset, section.sh_size);
        parts.source_address = section.sh_addr;
    }
    parts.has_rollback = exports(image, sections, "rollback");
    return parts;
}

ElfDependencies read_elf_dependencies(std::uint64_t file_size, const ReadRange& read) {
    const Image image(file_size, read);
    const Elf64_Ehdr header = header_of(image, file_size);
    const auto segments = image.table<Elf64_Phdr>(header.e_phoff, header.e_phnum);
    const auto dynamic = std::find_if(segments.begin(), segments.end(),
                                      [](const Elf64_Phdr& segment) { return segment.p_type == PT_DYNAMIC; });
    if (dynamic == segments.end())
        throw BadElf("not a shared library: it has no dynamic section");
    std::map<Elf64_Sxword, Elf64_Xword> last; // of the tags that count once
    std::vector<Elf64_Xword> needed;
    for (const Elf64_Dyn& entry :
         image.table<Elf64_Dyn>(dynamic->p_offset, dynamic->p_filesz / sizeof(Elf64_Dyn))) {
        if (entry.d_tag == DT_NULL)
            break;
        if (entry.d_tag == DT_NEEDED)
            needed.push_back(entry.d_un.d_val);
        last[entry.d_tag] = entry.d_un.d_val;
    }
    const std::string texts = image.bytes(offset_of(last[DT_STRTAB], segments), last[DT_STRSZ]);
    const auto text = [&](Elf64_Xword at) {
        if (at >= texts.size())
            throw BadElf("its dynamic section points nowhere");
        return std::string(texts.c_str() + at);
    };
    ElfDependencies dependencies;
    for (const Elf64_Xword name : needed)
        dependencies.needed.push_back(text(name));
    for (const Elf64_Sxword tag : {DT_RUNPATH, DT_RPATH}) // with the first the loader ignores the second
        if (last.contains(tag) && dependencies.search_path.empty())
            dependencies.search_path = text(last[tag]);
    return dependencies;
}

} // namespace dibs::plugin
