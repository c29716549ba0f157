// Columns for people: as wide as their widest cell, numbers to the right.

import type { Output } from "cli/output";

export interface Column<Row> {
  readonly title: string;
  readonly isNumber?: boolean;
  cell(row: Row): string;
  /** Colours a cell after it was brought to its width. */
  paint?(row: Row, text: string): string;
}

export function printTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], output: Output): void {
  const widths = columns.map(({ title, cell }) => Math.max(title.length, ...rows.map((row) => cell(row).length)));
  const aligned = ({ isNumber }: Column<Row>, index: number, text: string): string =>
    isNumber === true ? text.padStart(widths[index] as number) : text.padEnd(widths[index] as number);
  const join = (cells: readonly string[]): string => cells.join("  ").trimEnd();
  output.line(output.paint("dim", join(columns.map((column, index) => aligned(column, index, column.title)))));
  for (const row of rows)
    output.line(
      join(
        columns.map((column, index) => {
          const text = aligned(column, index, column.cell(row));
          return column.paint === undefined ? text : column.paint(row, text);
        }),
      ),
    );
}
