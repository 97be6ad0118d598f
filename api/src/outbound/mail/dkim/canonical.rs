//! Relaxed canonicalization (RFC 6376, section 3.4): relays may change blanks and folds without breaking a signature.

/// A header: its name in lower case, folds undone, each run of blanks one space, and none at the end or around the colon.
pub(super) fn relaxed_header(header: &[u8]) -> Vec<u8> {
    let colon = header.iter().position(|byte| *byte == b':').unwrap_or(header.len());
    let (name, value) = header.split_at(colon);
    let mut relaxed = name.trim_ascii_end().to_ascii_lowercase();
    relaxed.push(b':');
    relaxed.extend(single_spaced(value.get(1..).unwrap_or_default().trim_ascii()));
    relaxed
}

/// A body: each run of blanks within a line one space, none at its end, no empty lines at the end, and one line break there.
pub(super) fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut relaxed = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n")).unwrap_or(line);
        relaxed.extend(single_spaced(trimmed_end(line)));
        relaxed.extend(b"\r\n");
    }
    while relaxed.ends_with(b"\r\n\r\n") {
        relaxed.truncate(relaxed.len() - 2);
    }
    if relaxed == b"\r\n" { Vec::new() } else { relaxed }
}

fn trimmed_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
    line.get(..end).unwrap_or_default()
}

/// Undoes folds and makes each run of spaces and tabs one space.
fn single_spaced(text: &[u8]) -> impl Iterator<Item = u8> {
    let unfolded = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    let mut was_blank = false;
    unfolded.filter_map(move |byte| {
        let is_blank = matches!(byte, b' ' | b'\t');
        let is_repeated = is_blank && was_blank;
        was_blank = is_blank;
        (!is_repeated).then_some(if is_blank { b' ' } else { byte })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of RFC 6376, section 3.4.5.
    #[test]
    fn the_example_of_the_standard_comes_out_as_it_says() {
        assert_eq!(relaxed_header(b"A: X"), b"a:X");
        assert_eq!(relaxed_header(b"B : Y\t\r\n\tZ  "), b"b:Y Z");
        assert_eq!(relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
    }

    #[test]
    fn an_empty_body_stays_empty() {
        for empty in ["", "\r\n", "\r\n\r\n", " \r\n"] {
            assert_eq!(relaxed_body(empty.as_bytes()), b"", "{empty:?}");
        }
        assert_eq!(relaxed_body(b"x"), b"x\r\n");
    }
}
