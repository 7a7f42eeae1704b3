#[cfg(feature = "detail")]
mod detail;

fn main() {
    let text = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    let n = words::count(&text);

    println!("{}", n.sum());
    #[cfg(feature = "detail")]
    detail::print(&n);
}
