// A fault to order: what `lugh fault NODE SERVICE stack` runs in the machine of the service.

export default function fault(): number {
  return 1 + fault();
}
