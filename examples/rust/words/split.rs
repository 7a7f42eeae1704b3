use std::os::raw::c_int;

extern "C" {
    fn fold(c: c_int) -> c_int;
}

fn small(c: u8) -> char {
    (unsafe { fold(c.into()) }) as u8 as char
}

/// The words of ASCII letters, in small letters.
pub fn split(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .map(|word| word.bytes().map(small).collect())
        .collect()
}
