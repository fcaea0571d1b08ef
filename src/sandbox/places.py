"""Places of the pretend world (地方): divisions, hospitals, police stations.

Division codes and names are the official ones; every office in them is invented.
"""

import re
from dataclasses import dataclass

_HOME = """
340104 安徽省 合肥市 蜀山区 望江
340102 安徽省 合肥市 瑶海区 和平
340103 安徽省 合肥市 庐阳区 杏花
340111 安徽省 合肥市 包河区 芜湖路
340122 安徽省 合肥市 肥东县 店埠
340181 安徽省 合肥市 巢湖市 卧牛山
340202 安徽省 芜湖市 镜湖区 赭山
340302 安徽省 蚌埠市 龙子湖区 东风
340802 安徽省 安庆市 迎江区 宜城
341002 安徽省 黄山市 屯溪区 昱中
341102 安徽省 滁州市 琅琊区 清流
341202 安徽省 阜阳市 颍州区 文峰
341302 安徽省 宿州市 埇桥区 三里湾
341502 安徽省 六安市 金安区 东市
341602 安徽省 亳州市 谯城区 花戏楼
341702 安徽省 池州市 贵池区 池阳
341802 安徽省 宣城市 宣州区 西林
310104 上海市 - 徐汇区 田林
310115 上海市 - 浦东新区 花木
310118 上海市 - 青浦区 盈浦
320106 江苏省 南京市 鼓楼区 湖南路
320508 江苏省 苏州市 姑苏区 平江
320509 江苏省 苏州市 吴江区 松陵
330106 浙江省 杭州市 西湖区 古荡
330212 浙江省 宁波市 鄞州区 钟公庙
330421 浙江省 嘉兴市 嘉善县 罗星
350302 福建省 莆田市 城厢区 凤凰山
350303 福建省 莆田市 涵江区 涵东
350304 福建省 莆田市 荔城区 镇海
350305 福建省 莆田市 秀屿区 笏石
350322 福建省 莆田市 仙游县 鲤城
431202 湖南省 怀化市 鹤城区 迎丰
431222 湖南省 怀化市 沅陵县 沅陵
450102 广西壮族自治区 某地 一区 朝阳
450103 广西壮族自治区 某地 二区 建政
"""

_ELSEWHERE = """
360102 江西省 南昌市 东湖区 百花洲
370102 山东省 济南市 历下区 泉城路
410102 河南省 郑州市 中原区 桐柏路
420106 湖北省 武汉市 武昌区 黄鹤楼
440305 广东省 深圳市 南山区 粤海
530102 云南省 昆明市 五华区 翠湖
640104 宁夏回族自治区 银川市 兴庆区 凤凰北街
650102 新疆维吾尔自治区 乌鲁木齐市 天山区 解放路
"""

ROADS = ("青禾路", "云帆路", "知夏路", "晚舟街", "星河路", "听松路", "新竹街", "明月路")


@dataclass(frozen=True)
class Place:
    """A county-level division with its names and the root of its office names."""

    division: str
    province: str
    city: str
    county: str
    street: str

    @property
    def full_name(self) -> str:
        """Province, city and county in one string; municipalities have no city."""
        return f"{self.province}{self.city}{self.county}"


@dataclass(frozen=True)
class Office:
    """A hospital or a police station of the pretend world."""

    code: str
    kind: str
    name: str
    division: str


def _parse(block: str) -> tuple[Place, ...]:
    places = []
    for line in block.split("\n"):
        if not line:
            continue
        division, province, city, county, street = line.split(" ")
        places.append(Place(division, province, "" if city == "-" else city, county, street))
    return tuple(places)


HOME_PLACES = _parse(_HOME)
ALL_PLACES = HOME_PLACES + _parse(_ELSEWHERE)
_BY_DIVISION = {place.division: place for place in ALL_PLACES}


def places_below(home: str) -> tuple[Place, ...]:
    """Return the places whose division begins with one of the digits in a comma list."""
    prefixes = tuple(part.strip() for part in home.split(",") if part.strip())
    found = tuple(place for place in HOME_PLACES if place.division.startswith(prefixes))
    if not found:
        raise ValueError(f"no place below {home}")
    return found


def places_outside(home: str) -> tuple[Place, ...]:
    """Return the places that lie in none of the provinces of the home places."""
    provinces = {place.province for place in places_below(home)}
    return tuple(place for place in ALL_PLACES if place.province not in provinces)


def place_of(division: str) -> Place:
    """Return the place of a division code, or a nameless one for a code not listed here."""
    return _BY_DIVISION.get(division) or Place(division, "", "", f"{division}辖区", "城关")


def hospital_of(place: Place) -> Office:
    """Return the one invented maternity hospital of a county."""
    name = f"{place.city or place.province}{place.county}示例妇幼保健院"
    return Office(f"H{place.division}01", "hospital", name, place.division)


def police_station_of(place: Place) -> Office:
    """Return the one invented police station of a county; its code has 12 digits."""
    name = f"{place.city or place.province}{place.county}{place.street}示例派出所"
    return Office(f"{place.division}510000", "police_station", name, place.division)


def hospitals_of(place: Place) -> tuple[Office, Office]:
    """Return the maternity hospital and the people's hospital of a county."""
    name = f"{place.city or place.province}{place.county}示例人民医院"
    return hospital_of(place), Office(f"H{place.division}02", "hospital", name, place.division)


def find_hospital(code_or_name: str) -> Office | None:
    """Return the hospital with this code or name; a code tells its division by itself."""
    for place in ALL_PLACES:
        for hospital in hospitals_of(place):
            if code_or_name in (hospital.code, hospital.name):
                return hospital
    if re.fullmatch(r"H\d{8}", code_or_name):
        return Office(code_or_name, "hospital", code_or_name, code_or_name[1:7])
    return None


def find_police_station(code: str) -> Office | None:
    """Return the police station with this code."""
    place = _BY_DIVISION.get(code[:6])
    station = police_station_of(place) if place else None
    return station if station and station.code == code else None
