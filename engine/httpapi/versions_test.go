package httpapi

import "testing"

// TestFieldTwice looks for a field that is there twice where a reader might take either.
func TestFieldTwice(t *testing.T) {
	bound(t)
	for _, test := range []struct{ name, object, want string }{ // want is empty: none is there twice
		{"nothing", `{}`, ""},
		{"different fields", `{"a":1,"b":2}`, ""},
		{"the first", `{"a":1,"a":2}`, "a"},
		{"not the first", `{"a":1,"b":2,"b":3}`, "b"},
		{"in other letters", `{"a":1,"A":2}`, "A"},
		{"escaped", `{"a":1,"\u0061":2}`, "a"},
		{"as a value", `{"b":"a","a":"b"}`, ""},
		{"white space", "{ \"a\" : 1 ,\n\"a\" : 2 }", "a"},
		{"within an object", `{"k":{"a":1,"a":2}}`, "a"},
		{"within and around", `{"a":{"a":1},"b":2}`, ""},
		{"within two objects", `{"k":{"a":1},"l":{"a":1}}`, ""},
		{"around an object", `{"a":1,"k":{"b":2},"a":3}`, "a"},
		{"around an empty object", `{"a":1,"k":{},"a":3}`, "a"},
		{"too deep to matter", `{"k":{"l":{"a":1,"a":2}}}`, ""},
		{"behind what is deep", `{"k":{"a":1,"l":{"m":{}},"a":2}}`, "a"},
		{"in two objects of a list", `{"k":[{"a":1},{"a":1}],"l":2}`, ""},
		{"in one object of a list", `{"k":[{"a":1,"a":2}]}`, ""},
		{"texts of a list", `{"k":["a","a"]}`, ""},
		{"around a list", `{"a":1,"k":[1,[2,3]],"a":4}`, "a"},
		{"a text that looks like an object", `{"a":"}{","a":1}`, "a"},
		{"a name with a quote", `{"\"":1,"a":2,"a":3}`, "a"},
		{"a name that ends with a backslash", `{"b\\":1,"a":2,"a":3}`, "a"},
		{"with two", `{"b\\\\":1,"a":2,"a":3}`, "a"},
		{"with one and a quote", `{"b\\\"":1,"a":2,"a":3}`, "a"},
		{"an empty name", `{"":1,"a":2}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, twice := fieldTwice([]byte(test.object))
			if got != test.want || twice != (test.want != "") {
				t.Errorf("%q is there twice: %t; want %q", got, twice, test.want)
			}
		})
	}
}
