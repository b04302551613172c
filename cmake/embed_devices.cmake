# cmake -DDEVICES=a.toml,b.toml -DOUTPUT=x.cpp -P embed_devices.cmake
# Writes a C++ source that holds the text of each device file.
string(REPLACE "," ";" DEVICES "${DEVICES}")
set(entries "")
foreach(path IN LISTS DEVICES)
  get_filename_component(name ${path} NAME_WE)
  file(READ ${path} text)
  string(APPEND entries "    {\"${name}\", R\"device(${text})device\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"builtin_device_texts.hpp\"

namespace thimble::footprint {
namespace {

constexpr std::pair<std::string_view, std::string_view> kTexts[] = {
${entries}};

}  // namespace

std::span<const std::pair<std::string_view, std::string_view>> builtin_device_texts() { return kTexts; }

}  // namespace thimble::footprint
")
