// Are topic names and node names what they look like, both ways?

import { expect, test } from "@jest/globals";
import { WireError } from "wire/error";
import { isTopicFilter, isTopicName, matchesFilter } from "wire/mqtt-text";
import {
  buildFleetFilter,
  buildNodeFilter,
  buildTopic,
  deliveryRules,
  formatNodeName,
  isName,
  parseNodeName,
  parseTopic,
  topicKinds,
} from "wire/topics";

const name = { site: "toledo", node: "node-1" };

test.each([...topicKinds])("the topic of %s is built and parsed to the same", (kind) => {
  expect(buildTopic(name, kind)).toBe(`lugh/1/toledo/node-1/${kind}`);
  expect(parseTopic(buildTopic(name, kind))).toEqual({ ...name, kind });
});

test.each([
  "",
  "lugh/1/toledo/node-1",
  "lugh/1/toledo/node-1/birth/x",
  "lugh/2/toledo/node-1/birth",
  "luch/1/toledo/node-1/birth",
  "/lugh/1/toledo/node-1/birth",
  "lugh/1/toledo/node-1/Birth",
  "lugh/1/toledo//birth",
  "lugh/1/+/node-1/birth",
  "lugh/1/toledo/node_1/birth",
  "lugh/1/Toledo/node-1/birth",
  `lugh/1/${"a".repeat(33)}/node-1/birth`,
  "lugh/1/toledo/node-1/toString",
])("parseTopic() refuses %p", (topic) => {
  expect(() => parseTopic(topic)).toThrow(WireError);
});

test("a name has 1 to 32 of a-z, 0-9 and hyphen", () => {
  for (const good of ["a", "0", "-", "node-1", "a".repeat(32)]) expect(isName(good)).toBe(true);
  for (const bad of ["", "A", "a b", "a/b", "a+", "#", "é", "a.b", "a_b", "a\u0000", "a".repeat(33)])
    expect(isName(bad)).toBe(false);
});

test("node names are written and read as people write them", () => {
  expect(formatNodeName(name)).toBe("toledo/node-1");
  expect(parseNodeName("toledo/node-1")).toEqual(name);
  for (const bad of ["toledo", "toledo/", "/node-1", "toledo/node-1/x", "Toledo/node-1"])
    expect(() => parseNodeName(bad)).toThrow(WireError);
  expect(() => buildTopic({ site: "toledo", node: "+" }, "command")).toThrow(WireError);
});

test("filters reach the topics that they are for and no others", () => {
  const births = buildFleetFilter("birth");
  expect(matchesFilter(births, buildTopic(name, "birth"))).toBe(true);
  expect(matchesFilter(births, buildTopic(name, "death"))).toBe(false);
  expect(matchesFilter(buildFleetFilter("birth", "madrid"), buildTopic(name, "birth"))).toBe(false);
  for (const kind of topicKinds) expect(matchesFilter(buildNodeFilter(name), buildTopic(name, kind))).toBe(true);
  expect(matchesFilter(buildNodeFilter(name), buildTopic({ ...name, node: "node-2" }, "birth"))).toBe(false);
  for (const filter of [births, buildNodeFilter(name)]) expect(isTopicFilter(filter)).toBe(true);
});

test("topic filters have their wildcards in whole levels, as section 4.7 says", () => {
  for (const good of ["#", "+", "a/#", "+/a/#", "/+", "a//b", "$SYS/#"]) expect(isTopicFilter(good)).toBe(true);
  for (const bad of ["", "a#", "a/#/b", "a+", "+a/b", "#/a", "a\u0000", "a\u009f"])
    expect(isTopicFilter(bad)).toBe(false);
  for (const bad of ["", "a/+", "#", "a\u0001"]) expect(isTopicName(bad)).toBe(false);
});

test("filters match as the examples of section 4.7 do", () => {
  const matches = (filter: string, topic: string) => matchesFilter(filter, topic);
  expect(
    ["sport/tennis/player1", "sport/tennis/player1/ranking"].every((topic) => matches("sport/tennis/player1/#", topic)),
  ).toBe(true);
  expect(matches("sport/#", "sport")).toBe(true);
  expect(matches("sport/tennis/+", "sport/tennis/player1/ranking")).toBe(false);
  expect(matches("sport/+", "sport")).toBe(false);
  expect(matches("sport/+", "sport/")).toBe(true);
  expect(matches("+/+", "/finance")).toBe(true);
  expect(matches("+", "/finance")).toBe(false);
  expect(matches("#", "$SYS/broker")).toBe(false);
  expect(matches("$SYS/#", "$SYS/broker")).toBe(true);
});

test("what a late listener needs is retained, and only a log may be lost", () => {
  expect(topicKinds.filter((kind) => deliveryRules[kind].retain)).toEqual(["birth", "death", "state"]);
  expect(topicKinds.filter((kind) => deliveryRules[kind].qos === 0)).toEqual(["log"]);
});
