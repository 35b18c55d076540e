package text

import (
	"strings"
	"unicode/utf8"
)

// Fit returns a text of which lines that are longer than a number of columns are wrapped between words. What follows is
// indented to the last column of the line that begins in its first part, or else by two spaces more than the line. Parts that
// are whole, such as commands, are never wrapped: where one does not fit, it has a line of its own, which can be copied.
// Styles take no columns.
func Fit(text string, columns int, whole ...string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		content, ending := strings.CutSuffix(line, "\n")
		if columnsOf(content) > columns {
			content = fitLine(content, columns, whole)
		}
		out.WriteString(content)
		if ending {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// commandIndent is how far a whole part is indented on a line of its own: little, so that it has as much room as there is.
const commandIndent = 2

// fitLine wraps one line.
func fitLine(line string, columns int, whole []string) string {
	indent := hanging(line, columns)
	var out strings.Builder
	used, begun := 0, false // begun: the line has a word, so that a longer one may leave it
	for rest := line; rest != ""; {
		spaces := len(rest) - len(strings.TrimLeft(rest, " "))
		word := nextWord(rest[spaces:], whole)
		rest = rest[spaces+len(word):]
		width := columnsOf(word)
		if tooLong := width > 0 && used+spaces+width > columns; tooLong && used > 0 && strings.Contains(word, " ") {
			out.WriteString("\n" + strings.Repeat(" ", commandIndent))
			used, spaces = commandIndent, 0
		} else if tooLong && begun {
			out.WriteString("\n" + strings.Repeat(" ", indent))
			used, spaces = indent, 0
		}
		out.WriteString(strings.Repeat(" ", spaces) + word)
		used += spaces + width
		begun = begun || width > 0 && used > indent
	}
	return out.String()
}

// nextWord returns the word that a text begins with: up to a space, or a whole part.
func nextWord(text string, whole []string) string {
	end := strings.IndexByte(text, ' ')
	if end < 0 {
		end = len(text)
	}
	for _, part := range whole {
		if at := strings.Index(text, part); part != "" && at >= 0 && at < end {
			rest := text[at+len(part):]
			return text[:at+len(part)+len(nextWord(rest, nil))] // with the mark or the style that follows it
		}
	}
	return text[:end]
}

// hanging returns the column to which what follows a line is indented.
func hanging(line string, columns int) int {
	plain := []rune(unpaint(line))
	indent := 0
	for indent < len(plain) && plain[indent] == ' ' {
		indent++
	}
	hang := indent + 2
	for i := indent + 2; i < len(plain) && i <= columns/2; i++ {
		if plain[i] != ' ' && plain[i-1] == ' ' && plain[i-2] == ' ' {
			hang = i
		}
	}
	if hang > columns/2 {
		return 0 // there is no room for indentation
	}
	return hang
}

// columnsOf returns how many columns a text takes.
func columnsOf(text string) int { return utf8.RuneCountInString(unpaint(text)) }

// unpaint returns a text without styles.
func unpaint(text string) string {
	var out strings.Builder
	for text != "" {
		if size := styleSize(text); size > 0 {
			text = text[size:]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		out.WriteRune(r)
		text = text[size:]
	}
	return out.String()
}

// styleSize returns how long the control sequence is that a text begins with; 0 for none.
func styleSize(text string) int {
	if !strings.HasPrefix(text, "\x1b[") {
		return 0
	}
	end := strings.IndexByte(text, 'm')
	return end + 1
}

// clipPainted returns as much of a text as fits into a number of columns, with all its styles.
func clipPainted(text string, columns int) string {
	var out strings.Builder
	for text != "" {
		if size := styleSize(text); size > 0 {
			out.WriteString(text[:size])
			text = text[size:]
			continue
		}
		_, size := utf8.DecodeRuneInString(text)
		if columns > 0 {
			out.WriteString(text[:size])
		}
		columns--
		text = text[size:]
	}
	return out.String()
}
