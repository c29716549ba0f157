// A fault to order: what `lugh fault NODE SERVICE memory` runs in the machine of the service.

export default function fault(): never {
  const hoard: number[][] = [];
  for (;;) hoard.push([hoard.length, hoard.length, hoard.length]);
}
