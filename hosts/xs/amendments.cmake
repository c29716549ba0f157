# What is amended in which source of the engine (XS 13.3); how, and why at all, stands in amend.cmake.

amend_begin(xsAPI.c)
amend_function("void fxRemember(txMachine* the, txSlot* theSlot)" "(theSlot < the->stackTop)" "(theSlot < the->stackEnd)")
amend_links("txBoolean fxIsInstanceOf(txMachine* the)" "fxGetPrototype(the, theInstance)")
amend_end()

# fill() writes straight into a dense array, even one that all machines share; what is shared takes the slow way and is
# refused there.
amend_begin(xsArray.c)
amend_function("void fx_Array_prototype_fill(txMachine* the)" "(array->kind == XS_ARRAY_KIND) &&" "(array->kind == XS_ARRAY_KIND) && !(instance->flag & XS_MARK_FLAG) &&")
amend_links("txBoolean fxIsArray(txMachine* the, txSlot* instance)" "instance = internal->value.proxy.target")
amend_end()

# An integer of more words than its size can say would be written beyond its end; see lugh_bigint_room.
amend_begin(xsBigInt.c)
amend_function("txBigInt *fxBigInt_alloc(txMachine* the, txU4 size)" "mxPushUndefined();" "lugh_bigint_room(the, size);\n\tmxPushUndefined();")
foreach(radix "" B O X)
  amend_function("txBigInt* fxStringToBigInt(txMachine* the, txSlot* slot, txFlag whole)"
    "fxBigIntMaximum${radix}(length)" "lugh_bigint_parsed_bytes(the, fxBigIntMaximum${radix}(length), length)")
endforeach()
amend_end()

amend_begin(xsDataView.c)
amend_links("void fxTypedArrayGetter(txMachine* the)" "fxGetPrototype(the, instance)")
amend_links("void fxTypedArraySetter(txMachine* the)" "fxGetPrototype(the, instance)")
amend_end()

amend_begin(xsFunction.c)
amend_links("void fx_Function_prototype_hasInstance(txMachine* the)" "mxBehaviorGetPrototype(the, instance, the->stack)")
amend_end()

# Each prototype that for-in goes on to costs several look-ups.
amend_begin(xsGlobal.c)
amend_function("void fx_Enumerator_next(txMachine* the)" "goto again;" "lugh_charge(the, 4);\n\t\t\t\tgoto again;")
amend_links("void fx_Enumerator_next(txMachine* the)" "address = &(former->next)")
amend_end()

amend_begin(xsJSON.c)
amend_links("void fxParseJSONObject(txMachine* the, txJSONParser* theParser)" "item = item->next")
amend_links("void fxParseJSONToken(txMachine* the, txJSONParser* theParser)" "p++" "mxStringByteDecode(p, &character)")
amend_links("void fxStringifyJSONString(txMachine* the, txJSONStringifier* theStringifier, txString theString)" "mxStringByteDecode(theString, &character)")
amend_links("txSlot* fxToJSONKeys(txMachine* the, txSlot* reference)" "already = already->next")
amend_end()

amend_begin(xsMapSet.c)
amend_links("void fxClearEntries(txMachine* the, txSlot* table, txSlot* list, txBoolean paired)" "slot = slot->next")
amend_links("txBoolean fxDeleteEntry(txMachine* the, txSlot* table, txSlot* list, txSlot* key, txBoolean paired)" "address = &entry->next")
amend_links("txSlot* fxGetEntry(txMachine* the, txSlot* table, txSlot* slot)" "entry = entry->next")
amend_links("void fxPurgeEntries(txMachine* the, txSlot* list)" "address = &slot->next" "*address = slot->next")
amend_links("void fxResizeEntries(txMachine* the, txSlot* table, txSlot* list)" "entry->next = currentAddress[index]")
amend_links("void fxSetEntry(txMachine* the, txSlot* table, txSlot* list, txSlot* key, txSlot* pair)" "entry = entry->next")
amend_links("txU4 fxSumEntry(txMachine* the, txSlot* slot)" "c_read8(string++)")
amend_links("txBoolean fxDeleteWeakEntry(txMachine* the, txSlot* list, txSlot* key)" "\t\taddress = &slot->next")
amend_links("txSlot* fxGetWeakEntry(txMachine* the, txSlot* list, txSlot* key)" "\t\tslot = slot->next")
amend_links("void fxSetWeakEntry(txMachine* the, txSlot* list, txSlot* key, txSlot* value)" "\t\taddress = &slot->next")
amend_end()

# Overflow of a signed product is undefined in C; of an unsigned one it is what imul() means.
amend_begin(xsMath.c)
amend_function("void fx_Math_imul(txMachine* the)" "x * y" "(txInteger)((txU4)x * (txU4)y)")
amend_end()

# On 32 bit an address and a large size wrap around, and a chunk would be given that is not there.
amend_begin(xsMemory.c)
amend_function("void* fxFindChunk(txMachine* the, txSize size, txBoolean *once)" "(block->current + size) <= block->limit" "size <= block->limit - block->current")
amend_function("void* fxRenewChunk(txMachine* the, void* theData, txSize size)" "aBlock->current + delta <= aBlock->limit" "delta <= aBlock->limit - aBlock->current")
amend_function("void fxCollect(txMachine* the, txFlag theFlag)" "the->collectFlag |= theFlag & XS_ORGANIC_FLAG;"
  "the->collectFlag |= theFlag & XS_ORGANIC_FLAG;\n\tlugh_charge_collection(the, theFlag);")
amend_function("void fxCollect(txMachine* the, txFlag theFlag)" "the->collectFlag &= ~XS_ORGANIC_FLAG;"
  "the->collectFlag &= ~XS_ORGANIC_FLAG;\n\tlugh_growth_judge(the, theFlag);")
# While chunks are swept, the engine takes what is kept free behind the items of an array for items, if the array is longer:
# they would be moved as if they were alive.
amend_function("void fxSweep(txMachine* the)" "((txChunk*)current)->temporary = temporary;"
  "((txChunk*)current)->temporary = temporary;\n\t\t\t\tc_memset(current + aSize, 0, next - current - aSize);")
amend_function("void* fxFindChunk(txMachine* the, txSize size, txBoolean *once)" "goto again;" "if (!lugh_growth_is_due(the, size)) goto again;")
# The stack of a machine is in two parts: see stack.c.
amend_function("void fxAllocate(txMachine* the, txCreation* theCreation)" "fxAllocateSlots(the, theCreation->stackCount)" "lugh_stack_open(the, theCreation->stackCount)")
amend_function("void fxAllocate(txMachine* the, txCreation* theCreation)" "the->stack = the->stackTop;" "the->stack = the->stackEnd = the->residents = the->stackTop;")
amend_function("void fxFree(txMachine* the)" "fxFreeSlots(the, the->stackBottom)" "lugh_stack_close(the)")
amend_function("void fxMark(txMachine* the, void (*theMarker)(txMachine*, txSlot*))" "while (aSlot > the->stack) {"
  "while (aSlot != the->stack) {\n\t\tif (aSlot == the->residents && aSlot != the->stackEnd) {\n\t\t\taSlot = the->stackEnd;\n\t\t\tcontinue;\n\t\t}")
amend_text("while (aSlot < the->stackTop) {"
  "while (aSlot != the->stackTop) {\n\t\tif (aSlot == the->stackEnd) {\n\t\t\taSlot = the->residents;\n\t\t\tcontinue;\n\t\t}")
amend_function("txSlot* fxNewSlot(txMachine* the)" "the->currentHeapCount++;" "the->currentHeapCount++;\n\t\tmxMeterOne();")
amend_end()

amend_begin(xsNumber.c)
amend_links("void fx_parseInt(txMachine* the)" "s++")
amend_end()

amend_begin(xsObject.c)
amend_links("void fx_Object_prototype_isPrototypeOf(txMachine* the)" "mxBehaviorGetPrototype(the, slot->value.reference, slot)")
amend_links("void fx_Object_prototype_toString(txMachine* the)" "(target = slot->value.proxy.target)")
amend_end()

amend_begin(xsPromise.c)
amend_links("void fxAddUnhandledRejection(txMachine* the, txSlot* promise)" "address = &slot->next")
amend_links("void fxPromiseThen(txMachine* the, txSlot* promise, txSlot* onFullfilled, txSlot* onRejected, txSlot* resolveFunction, txSlot* rejectFunction)"
  "address = &(slot->next)")
amend_links("void fxQueueJob(txMachine* the, txInteger count, txSlot* promise)" "address = &slot->next" "address = &(slot->next)")
amend_end()

amend_begin(xsProperty.c)
amend_links("txSlot* fxLastProperty(txMachine* the, txSlot* slot)" "(property = slot->next)")
amend_links("txSlot* fxQueueIDKeys(txMachine* the, txSlot* first, txFlag flag, txSlot* keys)" "property = property->next")
amend_links("txBoolean fxDeleteIndexProperty(txMachine* the, txSlot* array, txIndex index)" "result++")
amend_links("txSlot* fxGetIndexProperty(txMachine* the, txSlot* array, txIndex index)" "result++")
amend_links("txSlot* fxSetIndexProperty(txMachine* the, txSlot* instance, txSlot* array, txIndex index)" "result++")
amend_links("txBoolean fxDefinePrivateProperty(txMachine* the, txSlot* instance, txSlot* check, txID id, txSlot* slot, txFlag mask)" "address = &(property->next)")
amend_links("txSlot* fxGetPrivateProperty(txMachine* the, txSlot* instance, txSlot* check, txID id)" "result = result->next")
amend_links("txSlot* fxSetPrivateProperty(txMachine* the, txSlot* instance, txSlot* check, txID id)" "result = result->next")
amend_end()

amend_begin(xsProxy.c)
amend_links("void fxProxyOwnKeys(txMachine* the, txSlot* instance, txFlag flag, txSlot* list)" "(property = property->next)" "(item = item->next)")
amend_end()

amend_begin(xsRegExp.c)
amend_links("void fx_RegExp_prototype_get_source(txMachine* the)" "*s++")
amend_end()

amend_begin(xsString.c)
amend_links("void fxNormalizeComposition(txMachine* the, txNormalizeBuffer* buffer)" "starterIndex--")
amend_links("void fxNormalizeDecomposition(txMachine* the, txNormalizeBuffer* buffer, txInteger* source, txInteger c, txFlag compatible)" "bufferIndex--")
amend_end()

amend_begin(xsSymbol.c)
amend_links("void fx_Symbol_for(txMachine* the)" "*p++" "result = result->next")
amend_links("txID fxFindName(txMachine* the, txString theString)" "*aString++" "result = result->next")
amend_links("txID fxNewName(txMachine* the, txSlot* theSlot)" "*string++" "result = result->next")
amend_links("txID fxNewNameC(txMachine* the, txString theString)" "c_read8(string++)" "result = result->next")
amend_links("txID fxNewNameX(txMachine* the, txString theString)" "c_read8(string++)" "result = result->next")
amend_end()

# Defining what a property is already must not write into the root, where it is a fault although nothing changes.
amend_begin(xsType.c)
foreach(change "|= XS_DONT_DELETE_FLAG" "|= XS_DONT_ENUM_FLAG" "&= ~XS_DONT_ENUM_FLAG")
  amend_function("txBoolean fxOrdinaryDefineOwnProperty(txMachine* the, txSlot* instance, txID id, txIndex index, txSlot* slot, txFlag mask)"
    "property->flag ${change};" "mxChangeFlag(property->flag, ${change});")
endforeach()
amend_links("txBoolean fxOrdinaryDeleteProperty(txMachine* the, txSlot* instance, txID id, txIndex index)" "address = &(property->next)")
amend_links("txSlot* fxOrdinaryGetProperty(txMachine* the, txSlot* instance, txID id, txIndex index, txFlag flag)"
  "result = result->next" "fxGetPrototype(the, instance)")
amend_links("txSlot* fxOrdinarySetProperty(txMachine* the, txSlot* instance, txID id, txIndex index, txFlag flag)" "address = &(property->next)")
amend_links("txBoolean fxOrdinarySetPrototype(txMachine* the, txSlot* instance, txSlot* slot)" "fxGetPrototype(the, slot)")
amend_end()

# A pattern's groups are looked up by name one by one; a reference back compares a whole capture in one step;
# and a match that goes forward only is not looked at, however often it starts again.
amend_begin(xsre.c)
foreach(signature "void fxCaptureReferenceMeasure(txPatternParser* parser, void* it, txInteger direction)"
    "void fxPatternParserNamedCapture(txPatternParser* parser, txCapture* capture)")
  amend_function("${signature}" "->nextNamedCapture;" "->nextNamedCapture, links.count++;")
  amend_function("${signature}" "" "\ttxMachine* the = parser->the;\n\tmxChain\n")
endforeach()
amend_function("txBoolean fxMatchRegExp(void* the, txInteger* code, txInteger* data, txString subject, txInteger start)"
  "from = fxFindCharacter(subject, from, 1, flags);" "from = fxFindCharacter(subject, from, 1, flags), mxMeterReference;")
amend_function("txBoolean fxMatchRegExp(void* the, txInteger* code, txInteger* data, txString subject, txInteger start)"
  "c_memset(captures, -1, captureCount * sizeof(txCaptureData));" "c_memset(captures, -1, captureCount * sizeof(txCaptureData)), mxMeterStart;")
amend_end()
