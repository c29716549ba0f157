// Ends with one clear line when this Node is too old. Imported for that effect before anything else is, because the other
// modules use what an old Node does not have and would fail with a riddle.

const oldest = [20, 11];
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  process.stderr.write(
    `Cannot run LughOS: wanted Node ${oldest.join(".")} or later, found ${process.versions.node}; get it from https://nodejs.org\n`,
  );
  process.exit(1);
}
