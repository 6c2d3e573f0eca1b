# Writes a C file that holds the built-in scripts: cmake -DOUT=FILE -DDIR=DIR -DNAMES="a|b" -P ...
string(REPLACE "|" ";" names "${NAMES}")
set(arrays "")
set(name_list "")
set(slice_list "")
foreach(name IN LISTS names)
  file(READ "${DIR}/${name}.yaml" hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  string(MAKE_C_IDENTIFIER "${name}" symbol)
  string(APPEND arrays "static const uint8_t yaml_${symbol}[] = {\n${hex}\n};\n")
  string(APPEND name_list "    \"${name}\",\n")
  string(APPEND slice_list "    {yaml_${symbol}, sizeof yaml_${symbol}},\n")
endforeach()
file(WRITE "${OUT}" "/* Made by cmake/embed.cmake. */
#include \"common/script_data.h\"

${arrays}
const char *const fluit_script_builtins[] = {
${name_list}    NULL,
};
const struct fluit_slice fluit_script_data[] = {
${slice_list}};
")
