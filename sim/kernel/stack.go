package kernel

import (
	"reflect"
	"runtime"
	"strings"
)

// kernelPackage is the path of this package.
var kernelPackage = reflect.TypeFor[Kernel]().PkgPath()

// panicking returns the frames of the code that panicked, innermost first: from the panic to the call by the kernel,
// without frames of the kernel and of the runtime. It returns nil when nothing panics. Equal runs have equal frames.
func panicking() []runtime.Frame {
	callers := make([]uintptr, 256)
	for runtime.Callers(2, callers) == len(callers) {
		callers = make([]uintptr, 2*len(callers))
	}
	var stack []runtime.Frame
	begun, ended := false, false
	for frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)]); ; {
		frame, more := frames.Next()
		switch of := packageOf(frame.Function); {
		case of == "runtime" && frame.Function == "runtime.gopanic":
			begun, ended, stack = true, false, nil // of several panics, the first is the cause
		case !begun || ended || of == "runtime":
		case of == kernelPackage:
			ended = len(stack) > 0
		default:
			stack = append(stack, frame)
		}
		if !more {
			return stack
		}
	}
}

// packageOf returns the package path in the full name of a function, such as example.org/x/y.(*T).method.func1.
func packageOf(function string) string {
	last := strings.LastIndexByte(function, '/') + 1
	if end := strings.IndexByte(function[last:], '.'); end >= 0 {
		return function[:last+end]
	}
	return function
}
