// Texts of MQTT: which ones may be topic names and topic filters (MQTT 3.1.1, section 4.7), and which characters no
// text may hold (section 1.5.3). The standard lets a receiver close on control characters; we do, since no name of
// ours has one and a log that shows one is a trap.

/** The longest text that MQTT can carry, in UTF-8 bytes. */
export const mqttTextMaximum = 65_535;

/** False for U+0000, which is forbidden, and for the control characters that one should not send. */
export function isMqttText(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) return false;
  }
  return true;
}

/** A topic one can publish to: at least one character, no wildcards. */
export function isTopicName(text: string): boolean {
  return text.length > 0 && isMqttText(text) && !text.includes("+") && !text.includes("#");
}

/** A filter one can subscribe to: wildcards fill whole levels, `#` only the last. */
export function isTopicFilter(text: string): boolean {
  if (text.length === 0 || !isMqttText(text)) return false;
  const levels = text.split("/");
  return levels.every((level, index) => {
    if (level === "#") return index === levels.length - 1;
    return level === "+" || (!level.includes("+") && !level.includes("#"));
  });
}

/** True when a message on `topic` reaches a subscription to `filter`; topics with `$` are left to filters with it. */
export function matchesFilter(filter: string, topic: string): boolean {
  if (topic.startsWith("$") !== filter.startsWith("$")) return false;
  const filterLevels = filter.split("/");
  const topicLevels = topic.split("/");
  for (let index = 0; index < filterLevels.length; index++) {
    const level = filterLevels[index];
    if (level === "#") return true;
    if (index >= topicLevels.length || (level !== "+" && level !== topicLevels[index])) return false;
  }
  return filterLevels.length === topicLevels.length;
}
