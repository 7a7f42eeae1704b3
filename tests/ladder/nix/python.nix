{ python3Packages }:
python3Packages.buildPythonPackage {
  pname = "thing";
  version = "1";
  src = python3Packages.fetchPypi { pname = "thing"; version = "1"; sha256 = "1ayhp9v4m4rdhjmnl2bq3cibrbqqkgjbl3s7yk2nhlh8vj3ay16g"; };
  propagatedBuildInputs = [ python3Packages.requests ];
}
