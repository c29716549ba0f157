# libFuzzer sees which code in C an input reaches. A decoder in TypeScript is byte-code, the same C for all of it, so in a
# build for fuzzing the engine tells which byte-code came after which (amended.h).

amend_begin(xsRun.c)
amend_text("the->meterIndex++;" "the->meterIndex++, lugh_fuzz_follow(mxCode);")
amend_end()
