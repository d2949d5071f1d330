"""Files and functions that have grown too long are named."""

from devtools import sizes


def problems(tmp_path, text: str) -> list[str]:
    path = tmp_path / "thing.py"
    path.write_text(text)
    return list(sizes.check(path, "thing.py"))


def test_the_limits_themselves_pass(tmp_path):
    function = "def f():\n" + "    x = 1\n" * (sizes.FUNCTION_LINES - 1)
    rest = "y = 1\n" * (sizes.FILE_LINES - sizes.FUNCTION_LINES)

    assert problems(tmp_path, function + rest) == []


def test_a_file_one_line_too_long(tmp_path):
    (line,) = problems(tmp_path, "y = 1\n" * (sizes.FILE_LINES + 1))

    assert line.startswith("thing.py: 601 lines")


def test_a_method_one_line_too_long(tmp_path):
    method = "class A:\n    def f(self):\n" + "        x = 1\n" * sizes.FUNCTION_LINES
    (line,) = problems(tmp_path, method)

    assert line.startswith("thing.py:2: f has 51 lines")


def test_a_folder_with_one_file_too_many():
    fits = [f"models/shop/thing_{number}.py" for number in range(sizes.FOLDER_FILES)]
    assert list(sizes.check_folders([*fits, "models/shop/__init__.py", "models/pix/a.py"])) == []

    (line,) = sizes.check_folders([*fits, "models/shop/one_more.py"])
    assert line == "models/shop: 36 files, at most 35: make folders in it"
