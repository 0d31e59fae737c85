"""Networks as plain values: describe, cost, train, trace, save. No Qt."""
