// A fault to order: what `lugh fault NODE SERVICE throw` runs in the machine of the service.

export default function fault(): never {
  throw new Error("thrown by command");
}
