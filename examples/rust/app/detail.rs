pub fn print(n: &words::Count) {
    println!("{} of them stopped", n.stopped);
}
