{ python3Packages }:
python3Packages.buildPythonPackage {
  pname = "thing";
  version = "1";
  src = python3Packages.fetchPypi { pname = "thing"; version = "1"; sha256 = "x"; };
  propagatedBuildInputs = [ python3Packages.requests ];
  pythonImportsCheck = [ "thing" ];
}
