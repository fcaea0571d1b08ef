"""提示: what somebody reads whose scan or photograph was not kept, and how to do it better."""

from django.utils.translation import gettext_lazy as _

from yijian.documents.scans import Flaw, ScanError, Unreadable

FAULTS = {
    Unreadable.EMPTY_FILE: _("文件是空的，请重新扫描或拍照。"),
    Unreadable.TOO_LARGE: _("文件太大了，最多 15 MB。请把扫描精度调到 300 dpi 以下再试。"),
    Unreadable.NOT_A_PICTURE: _("这不是照片或扫描件。请用 JPG、PNG、WebP 或扫描仪的 PDF。"),
    Unreadable.TOO_MANY_PIXELS: _("图片尺寸太大，没有打开。请用普通拍照或 300 dpi 扫描。"),
    Unreadable.BROKEN: _("文件不完整，可能没有传完。请重新上传。"),
    Unreadable.LOCKED: _("这个 PDF 有密码。请先去掉密码，或者直接拍照。"),
    Unreadable.NO_SCAN: _("这个 PDF 里没有扫描页。请打印出来扫描，或者直接拍照。"),
    Unreadable.TOO_MANY_PAGES: _("这个 PDF 超过 8 页。请只扫描需要的页。"),
}
FLAWS = {
    Flaw.SMALL: _("太小了，字看不清。请靠近一些，让整页占满画面再拍。"),
    Flaw.BLURRED: _("有些模糊。请把纸放平，擦一下镜头，拿稳再拍。"),
    Flaw.DARK: _("太暗了。请开灯，或者换到亮的地方再拍。"),
    Flaw.PALE: _("太亮或没有拍到内容。请避开反光，再拍一次。"),
}


def about_file(fault: ScanError) -> str:
    """Why a file was not taken."""
    return str(FAULTS[fault.why])


def about_picture(flaw: Flaw) -> str:
    """Why a picture is not clear, and what to do."""
    return str(FLAWS[flaw])
