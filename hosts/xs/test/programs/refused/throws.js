throw new RangeError("at top level");
