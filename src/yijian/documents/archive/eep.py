"""电子文件封装包 (DA/T 48): the encapsulation of a package; contents lie outside, by digest."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from xml.etree.ElementTree import Element

from yijian.documents.archive.markup import child, moment, written

SPACE = "http://www.saac.gov.cn/standards/ERM/encapsulation"
CODING = "仅提供SHA256摘要信息,文档数据在外部保存"
DECODING = "sha256-base64Binary"
FORMATS = {
    "pdf": "PDF/A",
    "ofd": "OFD",
    "ses": "GB/T 38540 签章数据",
    "jpg": "JPEG",
    "png": "PNG",
    "xml": "XML",
    "json": "JSON",
    "txt": "TXT",
}


def encapsulation(
    basics: Mapping[str, str], files: Mapping[str, bytes], titles: Mapping[str, str], at: datetime
) -> bytes:
    """The `eep.xml` of a package, for the files by their names in it, each with its title."""
    root = Element("电子文件封装包", {"xmlns": SPACE})
    child(
        root,
        "封装包格式描述",
        "本EEP根据中华人民共和国档案行业标准DA/T 48-2009《基于XML的电子文件封装规范》生成",
    )
    child(root, "版本", "2009")
    signed = child(root, "被签名对象", eep版本="2009")
    child(signed, "封装包类型", "原始型")
    child(signed, "封装包类型描述", "本封装包包含电子文件数据及其元数据,原始封装,未经修改")
    child(signed, "封装包创建时间", moment(at))
    child(signed, "封装包创建单位", basics.get("立档单位名称", ""))
    block = child(child(signed, "封装内容"), "文件实体块")
    _entity(child(block, "文件实体"), basics, files, titles)
    return written(root)


def _entity(
    entity: Element,
    basics: Mapping[str, str],
    files: Mapping[str, bytes],
    titles: Mapping[str, str],
) -> None:
    def said(parent: Element, *names: str) -> None:
        for name in names:
            child(parent, name, basics.get(name, ""))

    child(entity, "聚合层次", "件")
    child(child(entity, "来源"), "立档单位名称", basics.get("立档单位名称", ""))
    child(entity, "电子文件号", basics.get("办件编号", basics.get("联办办件编号", "")))
    said(child(entity, "档号"), "全宗号", "年度", "保管期限", "机构或问题", "件号", "档号")
    content = child(entity, "内容描述")
    said(content, "题名")
    child(content, "文件编号", basics.get("结果编号", ""))
    said(content, "责任者")
    child(content, "日期", basics.get("办结时间", "")[:10])
    said(content, "密级")
    child(child(entity, "形式特征"), "文件数量", str(len(files)))
    child(child(entity, "存储位置"), "当前位置", "归档信息包内")
    child(child(entity, "权限管理"), "控制标识", basics.get("密级", ""))
    system = child(entity, "信息系统描述")
    said(system, "主题编码", "政策包版本", "政策包摘要")
    data = child(entity, "文件数据")
    for place, (name, content_bytes) in enumerate(files.items(), start=1):
        _document(child(data, "文档"), place, name, titles.get(name, name), content_bytes)


def _document(document: Element, place: int, name: str, title: str, data: bytes) -> None:
    child(document, "文档标识符", f"修改0-文档{place}")
    child(document, "文档序号", str(place))
    child(document, "题名", title)
    coding = child(child(document, "文档数据"), "编码")
    features = child(coding, "电子属性")
    child(features, "格式信息", FORMATS.get(name.rpartition(".")[2], ""))
    child(features, "计算机文件名", name)
    child(features, "计算机文件大小", str(len(data)))
    child(coding, "编码描述", CODING)
    child(coding, "反编码关键字", DECODING)
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    child(coding, "编码数据", digest)
