package model

import (
	"fmt"
	"reflect"
	"time"
)

// Difference returns the first field in which two values of the same type differ, with both values, or "" if none does.
// The values are results, or parts of results. They are compared as [ReviewsResult.Equal] does: times as instants, and
// no list is an empty list.
func Difference(got, want any) string {
	return difference("", reflect.ValueOf(got), reflect.ValueOf(want))
}

func difference(path string, got, want reflect.Value) string {
	switch instant, is := got.Interface().(time.Time); {
	case is:
		expected, _ := want.Interface().(time.Time)
		if instant.Equal(expected) {
			return ""
		}
		return fmt.Sprintf("%s is %s, not %s", path, instant.UTC().Format(time.RFC3339Nano), expected.UTC().Format(time.RFC3339Nano))
	case got.Kind() == reflect.Struct:
		for i := range got.NumField() {
			field := got.Type().Field(i).Name
			if path != "" {
				field = path + "." + field
			}
			if found := difference(field, got.Field(i), want.Field(i)); found != "" {
				return found
			}
		}
		return ""
	case got.Kind() == reflect.Slice && got.Type().Elem().Kind() == reflect.Uint8:
		if string(got.Bytes()) == string(want.Bytes()) {
			return ""
		}
		return fmt.Sprintf("%s is %q, not %q", path, got.Bytes(), want.Bytes())
	case got.Kind() == reflect.Slice:
		for i := range min(got.Len(), want.Len()) {
			if found := difference(fmt.Sprintf("%s[%d]", path, i), got.Index(i), want.Index(i)); found != "" {
				return found
			}
		}
		if got.Len() != want.Len() {
			return fmt.Sprintf("%s has %d elements, not %d", path, got.Len(), want.Len())
		}
		return ""
	case got.Equal(want):
		return ""
	case got.Kind() == reflect.String:
		return fmt.Sprintf("%s is %q, not %q", path, got, want)
	}
	return fmt.Sprintf("%s is %v, not %v", path, got.Interface(), want.Interface())
}

// clock returns the time of day; the days of a history rarely differ.
func clock(t time.Time) string { return t.UTC().Format("15:04:05.000") }
