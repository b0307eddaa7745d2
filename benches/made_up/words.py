"""The words that values.py picks from.

They know frequent US given names and surnames, towns with their ZIP and area codes, and short lists of clinical and
ordinary words. They do not know anyone: names are put together by chance.
"""

GIVEN_F = """
Mary Patricia Linda Barbara Elizabeth Jennifer Maria Susan Margaret Dorothy Lisa Nancy Karen Betty Helen Sandra
Donna Carol Ruth Sharon Michelle Laura Sarah Kimberly Deborah Jessica Shirley Cynthia Angela Melissa Brenda Amy
Anna Rebecca Virginia Kathleen Pamela Martha Debra Amanda Stephanie Carolyn Christine Marie Janet Catherine
Frances Ann Joyce Diane Alice Julie Heather Teresa Doris Gloria Evelyn Jean Cheryl Mildred Katherine Joan Ashley
Judith Rose Janice Kelly Nicole Judy Christina Kathy Theresa Beverly Denise Tammy Irene Jane Lori Rachel Marilyn
Andrea Kathryn Louise Sara Anne Jacqueline Wanda Bonnie Julia Ruby Lois Tina Phyllis Norma Paula Diana Annie
Lillian Emily Robin Guadalupe Yolanda Latoya Keisha Mei Priya Fatima Rosa Carmen Esperanza Ximena
""".split()
GIVEN_M = """
James John Robert Michael William David Richard Charles Joseph Thomas Christopher Daniel Paul Mark Donald George
Kenneth Steven Edward Brian Ronald Anthony Kevin Jason Matthew Gary Timothy Jose Larry Jeffrey Frank Scott Eric
Stephen Andrew Raymond Gregory Joshua Jerry Dennis Walter Patrick Peter Harold Douglas Henry Carl Arthur Ryan
Roger Joe Juan Jack Albert Jonathan Justin Terry Gerald Keith Samuel Willie Ralph Lawrence Nicholas Roy Benjamin
Bruce Brandon Adam Harry Fred Wayne Billy Steve Louis Jeremy Aaron Randy Howard Eugene Carlos Russell Bobby
Victor Martin Ernest Phillip Todd Jesse Craig Alan Shawn Clarence Sean Philip Chris Johnny Earl Jimmy Antonio
Danny Bryan Tony Luis Mike Tyrone Hiroshi Vikram Omar Miguel
""".split()
FAMILY = """
Smith Johnson Williams Jones Brown Davis Miller Wilson Moore Taylor Anderson Thomas Jackson White Harris Martin
Thompson Garcia Martinez Robinson Clark Rodriguez Lewis Lee Walker Hall Allen Young Hernandez King Wright Lopez
Hill Scott Green Adams Baker Gonzalez Nelson Carter Mitchell Perez Roberts Turner Phillips Campbell Parker Evans
Edwards Collins Stewart Sanchez Morris Rogers Reed Cook Morgan Bell Murphy Bailey Rivera Cooper Richardson Cox
Howard Ward Torres Peterson Gray Ramirez Watson Brooks Sanders Price Bennett Wood Barnes Ross Henderson Coleman
Jenkins Perry Powell Long Patterson Hughes Flores Washington Butler Simmons Foster Gonzales Bryant Alexander
Russell Griffin Diaz Hayes Myers Ford Hamilton Graham Sullivan Wallace Woods Cole West Jordan Owens Reynolds
Fisher Ellis Harrison Gibson Mcdonald Cruz Marshall Ortiz Gomez Murray Freeman Wells Webb Simpson Stevens Tucker
Porter Hunter Hicks Crawford Henry Boyd Mason Morales Kennedy Warren Dixon Ramos Reyes Burns Gordon Shaw Holmes
Rice Robertson Hunt Black Daniels Palmer Mills Nichols Grant Knight Ferguson Stone Hawkins Dunn Perkins Hudson
Spencer Gardner Payne Pierce Berry Matthews Arnold Wagner Willis Watkins Olson Carroll Duncan Snyder Hart
Cunningham Bradley Lane Andrews Ruiz Harper Fox Riley Armstrong Carpenter Weaver Greene Elliott Chavez Sims
Austin Peters Kelley Franklin Lawson Nguyen Kim Patel Tran Chen Vang Okafor Kowalski Schmidt O'Brien O'Connor
Hoffman Schultz Delgado Vasquez Guerrero Castaneda Yamamoto Lindqvist Haddad
""".split()
SUFFIX = ["", "", "", "", "", "", "Jr", "Sr", "III"]
STREETS = """
Maple Oak Cedar Elm Washington Lincoln Park Lake Hillcrest Sunset Walnut Chestnut Ridge Church Mill River Spruce
Highland Franklin Jefferson Madison Prospect Meadow Willow Dogwood Cherry Pine Locust Grove Union
""".split()
STREET_KINDS = ["St", "Ave", "Rd", "Dr", "Ln", "Ct", "Blvd", "Street", "Avenue", "Way", "Pl"]
PLACES = [
    ("Columbus", "OH", "432", "Franklin", "614"), ("Dayton", "OH", "454", "Montgomery", "937"),
    ("Phoenix", "AZ", "850", "Maricopa", "602"), ("Tucson", "AZ", "857", "Pima", "520"),
    ("Austin", "TX", "787", "Travis", "512"), ("Houston", "TX", "770", "Harris", "713"),
    ("Madison", "WI", "537", "Dane", "608"), ("Milwaukee", "WI", "532", "Milwaukee", "414"),
    ("Nashville", "TN", "372", "Davidson", "615"), ("Memphis", "TN", "381", "Shelby", "901"),
    ("Portland", "OR", "972", "Multnomah", "503"), ("Eugene", "OR", "974", "Lane", "541"),
    ("Rochester", "NY", "146", "Monroe", "585"), ("Albany", "NY", "122", "Albany", "518"),
    ("Tampa", "FL", "336", "Hillsborough", "813"), ("Orlando", "FL", "328", "Orange", "407"),
    ("Raleigh", "NC", "276", "Wake", "919"), ("Omaha", "NE", "681", "Douglas", "402"),
    ("Boise", "ID", "837", "Ada", "208"), ("Fresno", "CA", "937", "Fresno", "559"),
    ("Sacramento", "CA", "958", "Sacramento", "916"), ("Worcester", "MA", "016", "Worcester", "508"),
    ("Des Moines", "IA", "503", "Polk", "515"), ("Wichita", "KS", "672", "Sedgwick", "316"),
    ("Tulsa", "OK", "741", "Tulsa", "918"), ("Spokane", "WA", "992", "Spokane", "509"),
    ("Pittsburgh", "PA", "152", "Allegheny", "412"), ("Lansing", "MI", "489", "Ingham", "517"),
]
MAIL = ["gmail.com", "yahoo.com", "hotmail.com", "aol.com", "outlook.com", "icloud.com", "comcast.net", "msn.com"]
DIAGNOSES = [
    ("E11.9", "Type 2 diabetes mellitus without complications"), ("I10", "Essential (primary) hypertension"),
    ("F33.1", "Major depressive disorder, recurrent, moderate"),
    ("J45.40", "Moderate persistent asthma, uncomplicated"), ("C50.912", "Malignant neoplasm of left female breast"),
    ("J44.9", "COPD, unspecified"), ("B20", "Human immunodeficiency virus [HIV] disease"),
    ("N18.30", "Chronic kidney disease, stage 3"), ("I50.22", "Chronic systolic heart failure"),
    ("M54.50", "Low back pain"), ("F41.1", "Generalized anxiety disorder"), ("G40.909", "Epilepsy, unspecified"),
    ("K21.9", "GERD without esophagitis"), ("E03.9", "Hypothyroidism, unspecified"),
    ("I48.91", "Atrial fibrillation"), ("C61", "Malignant neoplasm of prostate"), ("F10.20", "Alcohol dependence"),
    ("G30.9", "Alzheimer's disease, unspecified"), ("M17.11", "Osteoarthritis of right knee"),
    ("O24.410", "Gestational diabetes mellitus"), ("K50.90", "Crohn's disease"), ("G35", "Multiple sclerosis"),
    ("L40.0", "Psoriasis vulgaris"), ("S72.001A", "Fracture of neck of right femur"), ("F31.9", "Bipolar disorder"),
]
DRUGS = [
    ("Metformin", "500 mg"), ("Lisinopril", "10 mg"), ("Atorvastatin", "40 mg"), ("Sertraline", "50 mg"),
    ("Albuterol", "90 mcg"), ("Levothyroxine", "75 mcg"), ("Gabapentin", "300 mg"), ("Omeprazole", "20 mg"),
    ("Amlodipine", "5 mg"), ("Warfarin", "5 mg"), ("Insulin glargine", "100 units/mL"), ("Losartan", "50 mg"),
    ("Fluoxetine", "20 mg"), ("Lamotrigine", "100 mg"), ("Hydrochlorothiazide", "25 mg"), ("Prednisone", "10 mg"),
    ("Clonazepam", "0.5 mg"), ("Furosemide", "40 mg"),
]
LABS = [
    ("Hemoglobin A1c", "4548-4", 4.8, 11.5, "%"), ("Glucose", "2345-7", 65, 310, "mg/dL"),
    ("Creatinine", "2160-0", 0.5, 4.1, "mg/dL"), ("Potassium", "2823-3", 3.1, 5.8, "mmol/L"),
    ("Hemoglobin", "718-7", 8.2, 16.8, "g/dL"), ("TSH", "3016-3", 0.2, 9.4, "uIU/mL"),
    ("LDL Cholesterol", "13457-7", 55, 210, "mg/dL"), ("WBC", "6690-2", 2.9, 16.2, "10*3/uL"),
    ("PSA", "2857-1", 0.3, 12.0, "ng/mL"),
]
STUDIES = [
    ("CT", "CT HEAD W/O CONTRAST", "70450"), ("MR", "MRI LUMBAR SPINE W/O", "72148"),
    ("CR", "XR CHEST 2 VIEWS", "71046"), ("US", "US ABDOMEN COMPLETE", "76700"),
    ("MG", "MAMMO SCREENING BILATERAL", "77067"), ("NM", "NM BONE SCAN WHOLE BODY", "78306"),
    ("CT", "CT CHEST/ABD/PELVIS W", "74177"), ("MR", "MRI BRAIN W/WO", "70553"),
    ("PT", "PET/CT SKULL TO THIGH", "78815"),
]
LISTS = {
    "dx_short": (
        "diabetes;hypertension;asthma;COPD;depression;anxiety;CHF;migraine;epilepsy;breast cancer;HIV;"
        "hepatitis C;psoriasis;arthritis;Crohn's disease;lupus;PTSD;ADHD;kidney stones;hypothyroidism;"
        "sleep apnea;bipolar;stroke;A-fib"
    ).split(";"),
    "allergy": "Penicillin;Sulfa;NKDA;Latex;Peanuts;Codeine;Shellfish;Iodine contrast".split(";"),
    "reason": (
        "annual physical;knee pain;follow-up diabetes;cough x 2 weeks;med refill;chest pain;"
        "post-op check;headaches;rash on arm;well child;back pain;UTI symptoms;BP check;dizziness;"
        "lab review"
    ).split(";"),
    "appt_type": (
        "New Patient;Follow Up;Annual Physical;Telehealth Visit;Procedure;Consult;Well Child;Nurse Visit;"
        "Post-Op"
    ).split(";"),
    "specialty": (
        "Cardiology;Family Medicine;Internal Medicine;Orthopedic Surgery;Dermatology;Pediatrics;"
        "Psychiatry;Oncology;Neurology;Obstetrics & Gynecology;Radiology"
    ).split(";"),
    "payer": (
        "Aetna;Cigna;UnitedHealthcare;Humana;BCBS of TX;Anthem;Medicare;Medicaid;Tricare;Kaiser;Molina;"
        "Self Pay"
    ).split(";"),
    "plan": (
        "PPO 2500;HMO Silver;Medicare Part B;Medicare Advantage;HDHP HSA;EPO Gold;Medicaid MCO;POS Choice"
    ).split(";"),
    "procedure": (
        "Colonoscopy;Total knee arthroplasty;Cataract extraction;Appendectomy;Cesarean section;"
        "Cholecystectomy;Hernia repair;Cardiac catheterization;Hysterectomy"
    ).split(";"),
    "blood_type": "O+;A+;B+;AB+;O-;A-;B-;AB-".split(";"),
    "vaccine": (
        "Influenza, quadrivalent;Tdap;MMR;Hep B;COVID-19 Pfizer;COVID-19 Moderna;Varicella;HPV9;"
        "Pneumococcal PCV20"
    ).split(";"),
    "histology": (
        "Invasive ductal carcinoma;Adenocarcinoma;Squamous cell carcinoma;Melanoma in situ;"
        "Follicular lymphoma"
    ).split(";"),
    "stage": "I;IIA;IIB;IIIA;IIIC;IV".split(";"),
    "covid": "Positive;Negative;Not Detected;DETECTED;Negative;Negative;Invalid".split(";"),
    "race": "White;Black or African American;Asian;Other;Declined;American Indian".split(";"),
    "ethnicity": "Not Hispanic or Latino;Hispanic or Latino;Unknown".split(";"),
    "marital": "Married;Single;Widowed;Divorced".split(";"),
    "relation": "Spouse;Daughter;Son;Mother;Father;Self;Guardian;Sister".split(";"),
    "clinical_note": (
        "Pt c/o chest pain since yesterday;Feeling better after dose change;"
        "BP elevated, recheck in 2 wks;Denies SI/HI, sleeping well;Wound clean and dry;"
        "Refill requested, needs labs first;A1c improved on metformin;Fell at home, no LOC;"
        "Started on insulin last month"
    ).split(";"),
    "therapy_note": (
        "Client tearful, discussed coping skills;Missed group session;Completed intake assessment;"
        "Reports 30 days sober;Working on sleep hygiene"
    ).split(";"),
    "impression": (
        "No acute intracranial abnormality.;Mild degenerative disc disease at L4-L5.;BI-RADS 2, benign.;"
        "Right lower lobe pneumonia.;8 mm pulmonary nodule, follow-up advised.;"
        "Cholelithiasis without cholecystitis."
    ).split(";"),
    "facility": (
        "Mercy General Hospital;St. Luke Medical Center;Valley Family Clinic;Lakeside Regional;"
        "Riverside Health Center"
    ).split(";"),
    "product": (
        "USB-C cable;Desk lamp;Running shoes;Coffee grinder;Yoga mat;Phone case;Water bottle;Backpack;"
        "Wireless mouse;Toaster"
    ).split(";"),
    "company": (
        "Northwind Freight;Blue Harbor Supply;Pinnacle Roofing;Granite Peak Software;"
        "Evergreen Landscaping;Summit Tile;Cobalt Analytics;Redwood Books;Harvest Bakery;Ironbridge Steel"
    ).split(";"),
    "department": "Sales;Engineering;Finance;Marketing;Operations;Legal;Facilities;IT;Purchasing".split(";"),
    "job": (
        "Account Manager;Software Engineer;Analyst;Driver;Warehouse Associate;Controller;Designer;"
        "Electrician;Recruiter"
    ).split(";"),
    "team": "Tigers;Hawks;Comets;Bulldogs;Rangers;Wildcats;Pirates".split(";"),
    "commit": (
        "fix flaky test;bump version;add retry to client;remove dead code;update readme;"
        "handle empty input;merge main"
    ).split(";"),
    "movie": (
        "The Last Orchard;Night Ferry;Paper Kingdom;Salt and Iron;A Winter Signal;The Glass Harbor;"
        "Two Roads North"
    ).split(";"),
    "book": (
        "A History of Rivers;Practical Joinery;The Quiet Coast;Garden Soils;Collected Letters;"
        "Maps of the North;Small Engines"
    ).split(";"),
    "subject": "Algebra I;Biology;US History;English 10;Chemistry Lab;Spanish II;Art".split(";"),
    "country": "United States;Canada;Germany;Brazil;Japan;France;India;Mexico;Kenya;Norway".split(";"),
    "car": "Ford F-150;Toyota Camry;Honda Civic;Chevrolet Malibu;Subaru Outback;Ram 1500;Nissan Altima".split(";"),
    "note": "called back;left message;prefers mornings;sent quote;needs invoice;will renew;wants a demo".split(";"),
    "word": (
        "amber;basin;copper;delta;ember;fable;garnet;harbor;indigo;juniper;kelp;lantern;meadow;north;"
        "opal;pebble"
    ).split(";"),
    "level": "low;medium;high".split(";"),
    "status": "open;closed;pending;done".split(";"),
    "yesno": "Yes;No".split(";"),
    "yn": "Y;N".split(";"),
}
CDT = ["D0120", "D0150", "D1110", "D2391", "D2740", "D3330", "D7140", "D0274"]
SNOMED = ["44054006", "38341003", "195967001", "13645005", "35489007", "73211009"]
MBI_ALPHA = "ACDEFGHJKMNPQRTUVWXY"
SAMPLE_SSNS = {"078-05-1120", "219-09-9999", "457-55-5462", "123-45-6789", "111-11-1111", "001-01-0001"}
