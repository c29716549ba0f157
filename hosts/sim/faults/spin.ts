// A fault to order: what `lugh fault NODE SERVICE spin` runs in the machine of the service.

export default function fault(): never {
  for (;;);
}
