fn main() {
    println!("{}{}", (1..=9).sum::<u32>(), if cfg!(feature = "loud") { "!" } else { "" });
}
