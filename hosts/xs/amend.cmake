# Amends copies of the engine's sources where a machine could work for long at no charge.
#
# The engine follows chains: the properties of an object, the prototypes behind it, names of one sum, entries of a map,
# jobs of a queue. It counts none of it, and a service can make each chain as long as its memory. So every link that is
# followed is counted, and many of them cost a step (amended.h). What to amend stands in amendments.cmake; the build fails
# when an engine no longer has it.

set(amended_folder "${CMAKE_BINARY_DIR}/engine")
define_property(GLOBAL PROPERTY amended_text BRIEF_DOCS "text of the source in hand" FULL_DOCS "as amended so far")

# Takes a source in hand, without blanks at the ends of its lines; what follows amends it, until amend_end().
function(amend_begin source)
  file(READ "${LUGH_ENGINE_DIR}/sources/${source}" text)
  string(REGEX REPLACE "[ \t]+\n" "\n" text "${text}")
  set_property(GLOBAL PROPERTY amended_text "${text}")
  set_property(GLOBAL PROPERTY amended_source "${source}")
endfunction()

# Writes the amended text, and has it compiled in place of the engine's.
function(amend_end)
  get_property(text GLOBAL PROPERTY amended_text)
  get_property(source GLOBAL PROPERTY amended_source)
  file(CONFIGURE OUTPUT "${amended_folder}/${source}" CONTENT "#include \"amended.h\"\n${text}" @ONLY)
  list(REMOVE_ITEM engine_sources "${LUGH_ENGINE_DIR}/sources/${source}")
  list(APPEND engine_sources "${amended_folder}/${source}")
  set(engine_sources "${engine_sources}" PARENT_SCOPE)
endfunction()

# Puts a text in place of another, wherever it stands in the body of a function; an empty one stands at its beginning.
function(amend_function signature old new)
  get_property(text GLOBAL PROPERTY amended_text)
  get_property(source GLOBAL PROPERTY amended_source)
  set(head "\n${signature}\n{\n")
  string(FIND "${text}" "${head}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "Cannot amend ${source}: it has no function \"${signature}\"")
  endif()
  string(LENGTH "${head}" length)
  math(EXPR at "${at} + ${length}")
  string(SUBSTRING "${text}" 0 ${at} before)
  string(SUBSTRING "${text}" ${at} -1 rest)
  string(FIND "${rest}" "\n}" at)
  string(SUBSTRING "${rest}" 0 ${at} body)
  string(SUBSTRING "${rest}" ${at} -1 after)
  string(FIND "${body}" "${old}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "Cannot amend ${signature} in ${source}: it has no \"${old}\"")
  endif()
  if(old STREQUAL "")
    set(body "${new}${body}")
  else()
    string(REPLACE "${old}" "${new}" body "${body}")
  endif()
  set_property(GLOBAL PROPERTY amended_text "${before}${body}${after}")
endfunction()

# Puts a text in place of another wherever it stands in the source.
function(amend_text old new)
  get_property(text GLOBAL PROPERTY amended_text)
  get_property(source GLOBAL PROPERTY amended_source)
  string(FIND "${text}" "${old}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "Cannot amend ${source}: it has no \"${old}\"")
  endif()
  string(REPLACE "${old}" "${new}" text "${text}")
  set_property(GLOBAL PROPERTY amended_text "${text}")
endfunction()

# Counts the links that a function follows: one each time an expression is evaluated.
function(amend_links signature)
  foreach(expression ${ARGN})
    amend_function("${signature}" "${expression}" "mxFollow(${expression})")
  endforeach()
  amend_function("${signature}" "" "\tmxChain\n")
endfunction()
