/* CMakeLists.txt reads this line too. */
#define STRAYLIGHT_VERSION "0.1.0"
