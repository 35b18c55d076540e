package minimise

// ddmin returns a smallest part of items for which holds is true, in the sense that leaving out any single item makes
// it false. It assumes that holds is true of all items and decided by what it is given, and asks about the empty set
// first, then about large parts and what is left without them: the algorithm of Zeller and Hildebrandt, with at most
// k² + 3k questions for k items, and about 2·log k when one of them is enough. An answer that is false on all accounts
// from some moment on ends it with the smallest part so far.
func ddmin[T any](items []T, holds func([]T) bool) []T {
	if len(items) == 0 {
		return items
	}
	if holds(nil) {
		return nil
	}
	for parts := 2; len(items) > 1; {
		reduced, subset := reduce(items, parts, holds)
		switch {
		case subset:
			items, parts = reduced, 2
		case reduced != nil:
			items, parts = reduced, max(parts-1, 2)
		case parts >= len(items):
			return items
		default:
			parts = min(2*parts, len(items))
		}
	}
	return items
}

// reduce cuts items into parts and returns the first part that holds by itself, or else what holds without one of
// them; nil when there is neither.
func reduce[T any](items []T, parts int, holds func([]T) bool) (reduced []T, subset bool) {
	cut := func(i int) int { return i * len(items) / parts }
	for i := range parts {
		if part := items[cut(i):cut(i+1)]; holds(part) {
			return part, true
		}
	}
	for i := range parts {
		if parts == 2 {
			break // what is left without one half is the other
		}
		rest := append(append([]T(nil), items[:cut(i)]...), items[cut(i+1):]...)
		if holds(rest) {
			return rest, false
		}
	}
	return nil, false
}
