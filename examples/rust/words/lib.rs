//! Counts words, but for those in stop.txt.

mod split;

use split::split;

const STOP: &str = include_str!("stop.txt");

#[derive(Clone, Copy, Debug, Default, PartialEq, sum::Sum)]
pub struct Count {
    pub counted: usize,
    pub stopped: usize,
}

pub fn count(text: &str) -> Count {
    let mut n = Count::default();

    for word in split(text) {
        if STOP.lines().any(|stop| stop == word) {
            n.stopped += 1;
        } else {
            n.counted += 1;
        }
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        let n = count("The quick brown fox and THE lazy dog");

        assert_eq!(n, Count { counted: 5, stopped: 3 });
        assert_eq!(n.sum(), 8);
    }

    #[test]
    fn nothing() {
        assert_eq!(count(" .,;"), Count::default());
    }
}
