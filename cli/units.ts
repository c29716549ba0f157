// Durations, moments and memory, as people read them in a column.

/** Two significant parts are enough: "850 ms", "12 s", "3 min 5 s", "2 h 10 min", "4 d 3 h". */
export function formatDuration(micros: number): string {
  const seconds = Math.max(0, micros) / 1e6;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** UTC with milliseconds, sortable; what lies beyond the calendar is shown as the number it is. */
export function formatMoment(micros: number): string {
  const date = new Date(micros / 1000);
  return Number.isNaN(date.getTime()) ? `${micros} µs` : date.toISOString();
}

/** What is held, of what may be. */
export function formatMemory(bytes: number, limitBytes: number): string {
  return `${(bytes / 1024).toFixed(0)}/${(limitBytes / 1024).toFixed(0)} KiB`;
}
