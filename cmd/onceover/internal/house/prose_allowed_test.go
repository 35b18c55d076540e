package house

// An allowance is a place that looks into texts, or compares them, for a good reason.
type allowance struct {
	file string
	// functions are those of the file, as Function names them.
	functions []string
	reason    string
}

// allowed are the places where [Prose] is silent. Each of their functions has to have a finding: an entry that is not
// needed any more fails the test.
var allowed = []allowance{
	{"engine/guard.go", []string{"PanicError.Error"}, "writes the value of a panic on one line"},
	{"engine/limits.go", []string{"storableName"}, "no store keeps a name with a zero byte"},
	{"engine/review.go", []string{"ParseStatus"}, "reads the names of an enumeration"},
	{"engine/httpapi/agent.go", []string{"agentStream.Recv"}, "event: of a frame is an identifier of the agent's protocol"},
	{"engine/httpapi/client.go", []string{"newClient", "reviewPath"}, "makes a URL from its parts"},
	{"engine/httpapi/errors.go", []string{"parseKind"}, "reads the names of an enumeration"},
	{"engine/httpapi/errors.go", []string{"oneLine"}, "writes a message on one line"},
	{"engine/httpapi/handler.go", []string{"bearer.check"}, "reads a header as HTTP defines it"},
	{"engine/httpapi/handler.go", []string{"keyIn"}, "asks whether a number in a path is written as this package writes it"},
	{"engine/httpapi/handler.go", []string{"writeError"}, "the kind of an error crosses HTTP by its name in an enumeration"},
	{"engine/httpapi/sse.go", []string{"eventReader.takeLine", "eventReader.interpret", "appendFrame"}, "reads and writes the format of server-sent events"},
	{"engine/httpapi/versions.go", []string{"decode"}, "asks whether a body is null, and leaves the prefix of package json out of a message"},
	{"engine/httpapi/versions.go", []string{"fieldTwice", "endOfString"}, "reads JSON, and the names of its fields as package json does"},
	{"engine/postgres/connect.go", []string{"open"}, "asks whether a URL has a parameter"},
	{"engine/postgres/connection.go", []string{"checkTransactions"}, "the isolation level is the value of a setting of Postgres, which has a space"},
	{"engine/postgres/errors.go", []string{"classify", "permanent"}, "classes of SQLSTATE are the first two characters of a code"},
	{"engine/postgres/migrate.go", []string{"latestVersion"}, "reads the number in the name of a migration's file"},
	{"engine/postgres/setup.go", []string{"oneLine"}, "writes the lines of an error as one, each once"},
	{"engine/postgres/statement.go", []string{"argument", "parse", "operations"}, "reads the files of SQL, which are code"},
	{"engine/postgres/columns.go", []string{"storable"}, "Postgres stores no zero byte"},

	{"faults/kind.go", []string{"Kind.Category", "UnknownKindError.Error"}, "the category is the part of a kind's identifier before the point"},
	{"faults/pgwire/message.go", []string{"Message.String"}, "writes a statement on one line"},
	{"faults/pgwire/rewrite.go", []string{"NewRewrite"}, "changes SQL that passes, which is code"},
	{"faults/pgserver/binaries.go", []string{"findBinaries"}, "pg_config prints a path and a line end"},
	{"faults/pgserver/docker.go", []string{"dockerServer.pause"}, "Docker has no code for a container that can't be frozen now; a text that has changed is an error, not a wrong result"},
	{"faults/pgserver/leftover.go", []string{"ownedName"}, "the name of a database contains the identifier of its owner"},
	{"faults/pgserver/find.go", []string{"oneLine"}, "writes an error on one line"},
	{"faults/pgserver/local.go", []string{"localServer.initialise", "lastLine"}, "quotes the last line of a log"},
	{"faults/pgserver/pooler.go", []string{"Pooler.configure"}, "writes quotes as the files of PgBouncer need them"},
	{"faults/pgserver/process_unix.go", []string{"processes", "processesOfProc", "appendEntry"}, "reads the tables of ps and /proc"},

	{"sim/explain/story_choose.go", []string{"focus.about"}, "the cause of a line is the identifier of a subject"},
	{"sim/kernel/override.go", []string{"Key.Class", "Key.coversOperation"}, "an asterisk makes the identifier of an operation a pattern"},
	{"sim/kernel/stack.go", []string{"packageOf"}, "the name of a function is an identifier that begins with its package"},
	{"sim/kernel/trace.go", []string{"TraceEvent.String"}, "leaves out the space after an empty detail"},

	{"checker/class.go", []string{"Select"}, "reads a list of identifiers that a user has given"},
	{"checker/model/reviews_result.go", []string{"sameAttempt"}, "the reason is data, which two stores have to keep alike"},
	{"checker/property_answers.go", []string{"checkAttemptsRemembered"}, "the reason is data, which a client has to get as it was given"},
	{"checker/property_reviews.go", []string{"checkReasonKept"}, "the reason is data, which a review has to keep as it was given"},

	{"sim/failure.go", []string{"unfit", "escapeGlob", "check.command", "packageUnderTest"}, "makes file names, and the command of go test, from the name of a test"},
	{"sim/run/replay.go", []string{"quote"}, "leaves out the line end that package json adds"},
	{"sim/run/replay_parse.go", []string{"ParseSeed", "shorten"}, "reads numbers that a user has given, and quotes what is none"},
	{"sim/run/result.go", []string{"Violation.Equal"}, "compares all data of two violations: the same run has to give the same"},
	{"sim/run/vocabulary.go", []string{"Vocabulary.SelectProperties"}, "reads a list of identifiers that a user has given"},
	{"sim/run/version.go", []string{"versionOf"}, "asks whether a version has the mark of the go command for changed sources"},
	{"sim/world/refused.go", []string{"content.covers"}, "the reason is data, which a store refuses for good because of its bytes"},
	{"sim/world/agent.go", []string{"decodePayload"}, "reads what encodePayload has written"},
	{"sim/world/audit.go", []string{"countText"}, "counts the classes of characters that texts of the workload have"},
	{"sim/world/describe.go", []string{"describeChange"}, "shows a reason if it is a new one"},
}
