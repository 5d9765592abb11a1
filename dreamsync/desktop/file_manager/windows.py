"""The registry and the attributes of files, as Windows has them."""

import sys

from dreamsync.desktop.file_manager.explorer import Value

if sys.platform == "win32":
    import ctypes
    import winreg

    class UserRegistry:
        """Implements `Registry`."""

        def write(self, value: Value) -> None:
            number = isinstance(value.content, int)
            text = winreg.REG_EXPAND_SZ if value.expand else winreg.REG_SZ
            kind = winreg.REG_DWORD if number else text
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, value.key) as key:
                winreg.SetValueEx(key, value.name, 0, kind, value.content)

        def read(self, key: str, name: str) -> str | int | None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                    content = winreg.QueryValueEx(opened, name)[0]
            except FileNotFoundError:
                return None
            return content if isinstance(content, str | int) else None

        def remove_key(self, key: str) -> None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_ALL_ACCESS) as one:
                    below = [winreg.EnumKey(one, i) for i in range(winreg.QueryInfoKey(one)[0])]
            except FileNotFoundError:
                return
            for name in below:
                self.remove_key(f"{key}\\{name}")
            winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)

        def remove_value(self, key: str, name: str) -> None:
            try:
                with winreg.OpenKey(
                    winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_SET_VALUE
                ) as opened:
                    winreg.DeleteValue(opened, name)
            except FileNotFoundError:
                pass

    class FileAttributes:
        """Implements `Attributes`."""

        def get(self, path: str) -> int:
            bits = ctypes.windll.kernel32.GetFileAttributesW(path)
            if bits == -1:
                raise ctypes.WinError()
            return int(bits)

        def set(self, path: str, bits: int) -> None:
            if not ctypes.windll.kernel32.SetFileAttributesW(path, bits):
                raise ctypes.WinError()
